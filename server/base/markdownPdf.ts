/** Markdown of others on pages of A4: headings, lists, tables, code. Nothing is fetched; HTML stands as typed. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Nodes, PhrasingContent, Root, RootContent } from "mdast";
import pdfmake, { type Content } from "pdfmake";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";

const parser = unified().use(remarkParse).use(remarkGfm).freeze();
const FONTS = join(
  dirname(createRequire(import.meta.url).resolve("pdfmake/package.json")),
  "fonts",
);
const font = (name: string): string => join(FONTS, "Roboto", `Roboto-${name}.ttf`);

export type Pages = { readonly title: string; readonly markdown: string; readonly foot: string };

/** It may take long: call it in a thread that can be stopped. */
export async function toPdf({ title, markdown, foot }: Pages): Promise<Uint8Array> {
  pdfmake.setFonts({
    Roboto: {
      normal: font("Regular"),
      bold: font("Medium"),
      italics: font("Italic"),
      bolditalics: font("MediumItalic"),
    },
  });
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => path.startsWith(FONTS));
  const tree = parser.parse(markdown) as Root;
  const buffer = await pdfmake
    .createPdf({
      info: { title },
      pageSize: "A4",
      pageMargins: [48, 44, 48, 48],
      defaultStyle: { font: "Roboto", fontSize: 10, lineHeight: 1.25 },
      content: tree.children.flatMap(block),
      footer: (page: number, pages: number) => ({
        columns: [
          { text: foot, width: "*" },
          { text: `${page} / ${pages}`, alignment: "right", width: 60 },
        ],
        margin: [48, 14, 48, 0],
        fontSize: 8,
      }),
    })
    .getBuffer();
  return new Uint8Array(buffer);
}

const SIZES = [0, 18, 14, 12, 11, 10, 10] as const;
const BELOW = [0, 0, 0, 6];

function block(node: RootContent): readonly Content[] {
  switch (node.type) {
    case "heading":
      return [
        {
          text: words(node.children),
          fontSize: SIZES[node.depth],
          bold: true,
          margin: [0, node.depth === 1 ? 0 : 12, 0, 4],
          headlineLevel: node.depth,
        },
      ];
    case "paragraph":
      return [{ text: words(node.children), margin: BELOW }];
    case "list": {
      const items = node.children.map((item) => {
        const mark = item.checked == null ? "" : item.checked ? "[x] " : "[ ] ";
        const inner = item.children.flatMap(block);
        return mark === "" ? { stack: inner } : { stack: [{ text: mark }, ...inner] };
      });
      return [{ [node.ordered === true ? "ol" : "ul"]: items, margin: BELOW }];
    }
    case "table": {
      const width = Math.max(...node.children.map((row) => row.children.length));
      const body = node.children.map((row, index) =>
        Array.from({ length: width }, (_, at) => ({
          text: words(row.children[at]?.children ?? []),
          bold: index === 0,
          fontSize: 8.5,
        })),
      );
      const widths = Array.from({ length: width }, () => "*");
      const layout = "lightHorizontalLines";
      return [
        { table: { headerRows: 1, dontBreakRows: true, widths, body }, layout, margin: BELOW },
      ];
    }
    case "code":
      return [
        { text: node.value, preserveLeadingSpaces: true, fontSize: 8.5, margin: [8, 2, 0, 8] },
      ];
    case "blockquote":
      return [{ stack: node.children.flatMap(block), italics: true, margin: [12, 0, 0, 6] }];
    case "thematicBreak":
      return [{ text: " ", margin: BELOW }];
    case "html":
      return [{ text: node.value, margin: BELOW }];
    default:
      return [{ text: textOf(node), margin: BELOW }];
  }
}

const words = (nodes: readonly PhrasingContent[]): readonly Content[] =>
  nodes.flatMap((node): readonly Content[] => {
    switch (node.type) {
      case "text":
        return [node.value];
      case "strong":
        return [{ text: words(node.children), bold: true }];
      case "emphasis":
        return [{ text: words(node.children), italics: true }];
      case "delete":
        return [{ text: words(node.children), decoration: "lineThrough" }];
      case "inlineCode":
        return [{ text: node.value, background: "#eeeeee" }];
      case "break":
        return ["\n"];
      case "link":
        return [
          { text: words(node.children), ...(/^https?:/.test(node.url) && { link: node.url }) },
        ];
      case "html":
        return [node.value];
      default:
        return [textOf(node)];
    }
  });

function textOf(node: Nodes): string {
  if ("value" in node) return node.value;
  if ("children" in node) return node.children.map((child) => textOf(child)).join("");
  return "alt" in node && typeof node.alt === "string" ? node.alt : "";
}
