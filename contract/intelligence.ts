/** Where indicators are fetched from. */
import { z } from "zod";
import { SecretReference } from "./notification.ts";

export const Intelligence = z.strictObject({
  /** The collection of a TAXII 2.1 server: …/collections/<id>/ */
  taxii: z.url({ protocol: /^https?$/ }),
  /** For basic authentication, together with `password`. */
  username: z.string().min(1).max(200).optional(),
  password: SecretReference.optional(),
  /** A bearer token instead. */
  token: SecretReference.optional(),
  everyMinutes: z.int().min(1).max(1_440).default(60),
  description: z.string().max(500).optional(),
});
export type Intelligence = z.infer<typeof Intelligence>;
