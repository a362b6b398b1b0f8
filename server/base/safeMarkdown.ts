/** Markdown of others as HTML that nothing runs in. */
import rehypeSanitize from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";

// HTML that somebody typed is shown as they typed it: dropping it would lose words around it too.
const asTyped = (
  _: unknown,
  node: { readonly value: string },
): { type: "text"; value: string } => ({
  type: "text",
  value: node.value,
});

// Sanitising comes last, so that nothing made before it can slip through.
const pipeline = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { handlers: { html: asTyped } })
  .use(rehypeSanitize)
  .use(rehypeStringify)
  .freeze();

/** The HTML of a document, to be put into a page. It may take long: call it in a thread that can be stopped. */
export const toSafeHtml = (markdown: string): string => pipeline.processSync(markdown).toString();
