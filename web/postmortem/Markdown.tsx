/** Markdown as it is read. What is not plain content is taken out last, whatever it was before. */
import rehypeSanitize from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { useMemo } from "react";
import { unified } from "unified";

const reader = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype)
  .use(rehypeSanitize)
  .use(rehypeStringify);

export default function Markdown({ text }: { text: string }) {
  const html = useMemo(() => String(reader.processSync(text)), [text]);
  return <div dangerouslySetInnerHTML={{ __html: html }} />;
}
