/** Starts a workflow of a code host: GitHub's workflow_dispatch, GitLab's pipelines. */
import { z } from "zod";
import type { Connection } from "../../../contract/action.ts";
import { action, type ActionRequest, type UsableConnection } from "../../domain/runbook/action.ts";
import { below, jsonRequest, readHttp } from "./replies.ts";

const Ref = z.string().regex(/^[A-Za-z0-9_][\w./-]{0,200}$/, "a branch or tag");
const Values = z.record(
  z.string().regex(/^\w{1,80}$/),
  z.union([z.string(), z.number(), z.boolean()]),
);

const Dispatch = z.strictObject({
  workflow: z.string().regex(/^[\w.-]{1,100}$/, "a file such as rollback.yml"),
  ref: Ref.default("main"),
  inputs: Values.default({}),
});
const Pipeline = z.strictObject({ ref: Ref.default("main"), variables: Values.default({}) });
type GitHub = Extract<Connection, { type: "github" }>;
type GitLab = Extract<Connection, { type: "gitlab" }>;

const common = {
  risk: () => "write" as const,
  permission: "runbooks.run" as const,
  timeoutMs: 20_000,
  prose: [],
  // Neither side knows an idempotency key: a start whose reply was lost is looked at by a person.
  repeatable: false,
  output: z.object({ status: z.int(), body: z.unknown() }),
  read: readHttp,
  undo: null,
};
const texts = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

export const githubDispatch = action<z.infer<typeof Dispatch>>({
  ...common,
  name: "github.dispatch",
  version: 1,
  title: "Start a GitHub workflow",
  input: Dispatch,
  connection: "github",
  fixed: ["workflow", "ref"],
  plan(request) {
    const { connection, secret } = request.connection as UsableConnection;
    const { url, repository, workflows, token } = connection as GitHub;
    const { workflow, ref, inputs } = request.input;
    if (!workflows.includes(workflow))
      throw new RangeError(`the connection does not allow the workflow ${workflow}`);
    const address = below(url, `repos/${repository}/actions/workflows/${workflow}/dispatches`);
    const headers = {
      Accept: "application/vnd.github+json",
      "X-GitHub-Api-Version": "2022-11-28",
      Authorization: `Bearer ${secret(token)}`,
    };
    const body = { ref, inputs: texts(inputs) };
    return { via: "http", outbound: jsonRequest(request, "POST", address, body, headers) };
  },
  dryRun: ({ input }) => ({
    words: `would start ${input.workflow} on ${input.ref} with ${JSON.stringify(input.inputs)}`,
  }),
});

export const gitlabPipeline = action<z.infer<typeof Pipeline>>({
  ...common,
  name: "gitlab.pipeline",
  version: 1,
  title: "Start a GitLab pipeline",
  input: Pipeline,
  connection: "gitlab",
  fixed: ["ref"],
  plan(request: ActionRequest<z.infer<typeof Pipeline>>) {
    const { connection, secret } = request.connection as UsableConnection;
    const { url, project, token } = connection as GitLab;
    const { ref, variables } = request.input;
    const address = below(url, `projects/${encodeURIComponent(project)}/pipeline`);
    const body = {
      ref,
      variables: Object.entries(texts(variables)).map(([key, value]) => ({ key, value })),
    };
    const headers = { "PRIVATE-TOKEN": secret(token) };
    return { via: "http", outbound: jsonRequest(request, "POST", address, body, headers) };
  },
  dryRun: ({ input }) => ({
    words: `would start a pipeline on ${input.ref} with ${JSON.stringify(input.variables)}`,
  }),
});
