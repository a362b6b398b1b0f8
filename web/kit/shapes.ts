/**
 * What stands for zod in the built app: the contract's shapes without their checks, since the server checks what it
 * takes and gives. Routes keep their method and path, choices their values. decisions/0062
 */
type Shape = (...given: readonly unknown[]) => Shape;

/** Whatever is made of a shape is that shape; only `options` of a choice says something. */
const shapeOf = (options: readonly unknown[]): Shape => {
  const shape: Shape = new Proxy<Shape>(() => shape, {
    get: (_, name) => (name === "options" ? options : shape),
  });
  return shape;
};

const any = shapeOf([]);

export const z: unknown = new Proxy(
  { enum: (options: readonly unknown[]) => shapeOf(options) },
  { get: (own, name) => (name === "enum" ? own.enum : any) },
);
