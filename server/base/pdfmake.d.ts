/** As much of pdfmake as is used; it brings no types. */
declare module "pdfmake" {
  type Content = string | Readonly<Record<string, unknown>> | readonly Content[];
  type Document = { getBuffer(): Promise<Uint8Array> };
  const pdfmake: {
    setFonts(fonts: Readonly<Record<string, Readonly<Record<string, string>>>>): void;
    setUrlAccessPolicy(allowed: (url: string) => boolean): void;
    setLocalAccessPolicy(allowed: (path: string) => boolean): void;
    createPdf(definition: Readonly<Record<string, unknown>>): Document;
  };
  export default pdfmake;
  export type { Content };
}
