/** Reading and changing configuration over the API: the same commands that `apply` uses. */
import { z } from "zod";
import { ConfigKind, ConfigOwner, ConfigSource } from "./config.ts";
import { InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

/** One thing to know about an object: where it stands, which field, what is wrong with it. */
export const ConfigFinding = z.object({
  source: ConfigSource.nullable(),
  /** "services.checkout.dependsOn.0". */
  path: z.string(),
  message: z.string(),
});
export type ConfigFinding = z.infer<typeof ConfigFinding>;

/** "acme/people.yaml:12: people.ann.email: expected an e-mail address". */
export const findingText = ({ source, path, message }: ConfigFinding): string =>
  `${source === null ? "" : `${source.file}:${source.line}: `}${path}: ${message}`;

/** The marker file of a directory: it keeps `apply` from removing what is not its own. */
export const ConfigMarker = z.strictObject({
  /** Whose objects these are: apply removes only objects of its own set. */
  set: Slug,
  /** Only in a sample directory may a key stand in the file, as `sample:<key>`. */
  sample: z.boolean().default(false),
});
export type ConfigMarker = z.infer<typeof ConfigMarker>;

const Body = z.record(z.string(), z.unknown());

/** One object as a file states it; its body is judged by the shape of its kind. */
export const DesiredObject = z.strictObject({
  kind: ConfigKind,
  id: Slug,
  body: z.unknown(),
  source: ConfigSource,
});
export type DesiredObject = z.infer<typeof DesiredObject>;

export const ApplyRequest = z.strictObject({
  ...ConfigMarker.shape,
  objects: z.array(DesiredObject).min(1).max(50_000),
  /** Decides and shows everything, changes nothing. */
  dryRun: z.boolean().default(false),
  /** Takes over objects that the API or another set owns. */
  take: z.boolean().default(false),
  /** Changed schedules count now, instead of from the end of the turns that they touch. */
  atOnce: z.boolean().default(false),
});
export type ApplyRequest = z.infer<typeof ApplyRequest>;

const FieldChange = z.object({
  path: z.string(),
  before: z.unknown(),
  after: z.unknown(),
});
export type FieldChange = z.infer<typeof FieldChange>;

const ObjectChange = z.object({
  verb: z.enum(["create", "update", "remove"]),
  kind: ConfigKind,
  id: Slug,
  source: ConfigSource.nullable(),
  fields: z.array(FieldChange),
});
export type ObjectChange = z.infer<typeof ObjectChange>;

/** Who is on call in a schedule, as it was and as it would be. */
const OnCallChange = z.object({
  schedule: Slug,
  changes: z.boolean(),
  /** From when on its new text counts; null where it has none. */
  countsFrom: InstantText.nullable(),
  /** Several people who hold it together stand with “+” between them. */
  moments: z.array(
    z.object({ at: InstantText, before: z.string().nullable(), after: z.string().nullable() }),
  ),
  /** All spans of those weeks in which it makes a difference, as they lie on a calendar. */
  spans: z.array(
    z.object({
      startsAt: InstantText,
      endsAt: InstantText,
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
  /** Hours of everybody whose hours change, over the weeks that are looked at. */
  hours: z.array(z.object({ person: Slug, before: z.number(), after: z.number() })),
});
export type OnCallChange = z.infer<typeof OnCallChange>;

export const ApplyReport = z.object({
  dryRun: z.boolean(),
  /** The version of the configuration afterwards. */
  version: z.int(),
  changes: z.array(ObjectChange),
  unchanged: z.int(),
  warnings: z.array(ConfigFinding),
  onCall: z.array(OnCallChange),
  /** The same as a diff for people, line by line. */
  text: z.array(z.string()),
});
export type ApplyReport = z.infer<typeof ApplyReport>;

export const ConfigObject = z.object({
  kind: ConfigKind,
  id: Slug,
  body: Body,
  owner: ConfigOwner,
  /** Where a file states it; its first folder is the set that owns it. */
  source: ConfigSource.nullable(),
});
export type ConfigObject = z.infer<typeof ConfigObject>;

const ConfigChangeView = z.object({
  id: z.uuid(),
  at: InstantText,
  /** Who did it. */
  by: z.record(z.string(), z.unknown()),
  verb: z.enum(["create", "update", "remove"]),
  kind: ConfigKind,
  object: Slug,
  before: Body.nullable(),
  after: Body.nullable(),
});

/**
 * A changed schedule counts now, instead of from the end of the turns that it touches. Nothing else is asked: whoever
 * writes `dryRun` here, which only applying has, must not find the object changed.
 */
const AtOnce = z.strictObject({ atOnce: z.stringbool().default(false) });
const KindParams = z.object({ kind: ConfigKind });
const ObjectParams = z.object({ kind: ConfigKind, id: Slug });

export const applyConfiguration = route({
  method: "POST",
  path: "/v1/config/apply",
  access: "config.write",
  tag: "configuration",
  summary: "Makes the objects of one set what its files say: all of it or nothing.",
  body: ApplyRequest,
  reply: ApplyReport,
});

export const exportConfiguration = route({
  method: "GET",
  path: "/v1/config/export",
  access: "config.write",
  tag: "configuration",
  summary: "Everything that is configured as YAML files that apply reads back unchanged.",
  query: z.object({ set: Slug.optional() }),
  reply: z.object({ set: Slug, files: z.record(z.string(), z.string()) }),
});

export const listConfigChanges = route({
  method: "GET",
  path: "/v1/config/changes",
  access: "config.read",
  tag: "configuration",
  summary: "Every change of configuration with before and after, newest first.",
  query: PageQuery,
  reply: page(ConfigChangeView),
});

export const listConfigObjects = route({
  method: "GET",
  path: "/v1/config/:kind",
  access: "config.read",
  tag: "configuration",
  summary: "The objects of a kind, by id.",
  params: KindParams,
  query: PageQuery,
  reply: page(ConfigObject),
});

export const readConfigObject = route({
  method: "GET",
  path: "/v1/config/:kind/:id",
  access: "config.read",
  tag: "configuration",
  summary: "One object. Key hashes are shown only to who may change configuration.",
  params: ObjectParams,
  reply: ConfigObject,
});

export const putConfigObject = route({
  method: "PUT",
  path: "/v1/config/:kind/:id",
  access: "config.write",
  tag: "configuration",
  summary:
    "Creates or replaces one object. What a file owns is refused with the patch to make there.",
  params: ObjectParams,
  query: AtOnce,
  body: Body,
  reply: ConfigObject.extend({
    /** A generated intake key: shown now and never again. */
    key: z.string().nullable(),
  }),
});

export const previewConfigObject = route({
  method: "POST",
  path: "/v1/config/:kind/:id/preview",
  access: "config.write",
  tag: "configuration",
  summary:
    "What putting this object would change, and who would be on call; also of what a file owns. Changes nothing.",
  params: ObjectParams,
  query: AtOnce,
  body: Body,
  reply: ApplyReport,
});

export const removeConfigObject = route({
  method: "DELETE",
  path: "/v1/config/:kind/:id",
  access: "config.write",
  tag: "configuration",
  summary: "Removes one object that nothing refers to.",
  params: ObjectParams,
  query: z.strictObject({}),
  reply: z.object({ removed: z.literal(true) }),
});
