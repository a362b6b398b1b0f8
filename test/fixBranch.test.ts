/** Better words of a run as a branch in the repository of their document: with real git, and with harm in mind. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runbook } from "../contract/published.ts";
import type { RunDetail } from "../contract/run.ts";
import { hmacSha256 } from "../server/base/crypto.ts";
import { type BranchAsked, pushBranch } from "../server/base/gitBranch.ts";
import { type Ended, runProgram } from "../server/base/programs.ts";
import { mailOf, patchOf } from "../server/domain/runbook/patch.ts";
import { instant } from "../server/base/instant.ts";
import { eventually, startTestNode, type TestNode } from "./node.ts";

const DOCUMENT =
  "# Till — déjà\n\n**Trigger:** Slow.\n\n1. **Look**\n   - Look at the till.\n   - Ask the boss.\n2. **Mend**\n   - Mend the till.\n";
let folder = "";
let bare = "";
let work = "";

async function git(directory: string, ...args: readonly string[]): Promise<string> {
  const ended: Ended = await runProgram({
    program: "git",
    args: [
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@acme.example",
      "-c",
      "core.quotePath=off",
      ...args,
    ],
    directory,
    timeoutMs: 20_000,
    environment: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  });
  if (ended.kind === "error" || ended.exitCode !== 0)
    throw new Error(ended.kind === "error" ? ended.because : ended.stderr);
  return ended.stdout.trim();
}

async function commit(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  }
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "-m", "change");
  await git(work, "push", "--quiet", "origin", "HEAD:main");
  return git(work, "rev-parse", "HEAD");
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tocsin-branch-"));
  bare = join(folder, "handbook.git");
  work = join(folder, "work");
  await git(folder, "init", "--quiet", "--bare", "--initial-branch=main", bare);
  await git(folder, "init", "--quiet", "--initial-branch=main", work);
  await git(work, "remote", "add", "origin", bare);
  await commit({ "books/till.md": DOCUMENT, "other.md": "# Other\n" });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const asked = (): BranchAsked => ({
  url: bare,
  token: null,
  base: "main",
  branch: `tocsin/fix-till-${Math.floor(process.hrtime()[1])}`,
  path: "books/till.md",
  rewrite: (bytes) => Buffer.from(bytes.toString().replace("Ask the boss.", "Ask the owner.")),
  message: "books/till.md: better words\n\nRun: RUN-1\n",
  author: { name: "Ann <x>\nBcc: y", email: "ann@tocsin.example" },
  at: 1_780_000_000,
});

describe("a branch", () => {
  test("holds just the change, on top of the base, by whoever asked; nothing else moves", async () => {
    const main = await git(bare, "rev-parse", "main");
    const one = asked();
    const pushed = await pushBranch(one);
    expect(pushed).toMatchObject({ kind: "pushed" });
    expect(await git(bare, "rev-parse", `${one.branch}^`)).toBe(main);
    expect(await git(bare, "rev-parse", "main")).toBe(main);
    expect(await git(bare, "diff", "--stat", "main", one.branch)).toMatch(
      /books\/till\.md \| 2 \+-/,
    );
    expect(await git(bare, "show", `${one.branch}:books/till.md`)).toContain("Ask the owner.");
    expect(await git(bare, "log", "-1", "--format=%an|%ae|%cn|%s", one.branch)).toBe(
      "Ann xBcc: y|ann@tocsin.example|Tocsin|books/till.md: better words",
    );
    // The engine may have died after the push: it asks again and finds it.
    expect(await pushBranch(one)).toEqual(pushed);
  });

  test("that is there already is never moved", async () => {
    const one = asked();
    await pushBranch(one);
    const before = await git(bare, "rev-parse", one.branch);
    await pushBranch({ ...one, rewrite: () => Buffer.from("something else") });
    expect(await git(bare, "rev-parse", one.branch)).toBe(before);
  });

  test("of words that moved on is not made", async () => {
    expect(await pushBranch({ ...asked(), rewrite: () => null })).toEqual({
      kind: "failure",
      because: "books/till.md has moved on in main, and the change does not fit it any more",
    });
    expect(await pushBranch({ ...asked(), path: "gone.md" })).toEqual({
      kind: "failure",
      because: "gone.md is not there any more",
    });
  });

  for (const [what, hostile] of [
    ["an option for an address", { url: "--upload-pack=touch x" }],
    ["a transport that starts something", { url: "ext::sh -c touch% x" }],
    ["an option for a base", { base: "--orphan" }],
    ["a base out of its place", { base: "a/../../b" }],
    ["a branch out of its place", { branch: "tocsin/../main" }],
    ["an option for a branch", { branch: "-d" }],
    ["a branch that says where to", { branch: "tocsin/fix:main" }],
    ["a branch with a shell in it", { branch: "tocsin/$(touch x)" }],
    ["a path that is not in the tree", { path: "../../etc/passwd" }],
    ["a path of git's own", { path: ".git/hooks/pre-push" }],
  ] as const)
    test(`${what} is refused, and nothing is made`, async () => {
      const before = await git(bare, "for-each-ref");
      expect(await pushBranch({ ...asked(), ...hostile })).toMatchObject({ kind: "failure" });
      expect(await git(bare, "for-each-ref")).toBe(before);
    });

  test("runs no hook and no filter of anybody", async () => {
    const trap = join(folder, "sprung");
    await commit({ ".gitattributes": "*.md filter=trap\n" });
    for (const hook of ["pre-push", "post-checkout", "post-commit"])
      await writeFile(join(work, ".git/hooks", hook), `#!/bin/sh\ntouch ${trap}\n`, {
        mode: 0o755,
      });
    expect(await pushBranch(asked())).toMatchObject({ kind: "pushed" });
    expect(await readdir(folder)).not.toContain("sprung");
  });
});

describe("what is offered instead", () => {
  const path = 'déjà "vu" books/till one.md';
  const start = Buffer.from(DOCUMENT).indexOf("Ask the boss.");
  const fix = {
    id: "1",
    stepId: "s",
    digest: "d",
    line: 7,
    startOffset: start,
    endOffset: start + 13,
    before: "Ask the boss.",
    after: "Ask the owner.",
    byActor: { kind: "engine" },
    at: instant(1_780_000_000_000),
  } as const;
  const patch = patchOf({ path, digest: "d" }, Buffer.from(DOCUMENT), [fix]);

  test("is a patch that git takes, whatever the name of the file", async () => {
    await commit({ [path]: DOCUMENT });
    await writeFile(join(folder, "a.patch"), patch);
    await git(work, "apply", "--check", join(folder, "a.patch"));
  });

  test("is a mail that git am takes, with its reason", async () => {
    const author = "ann <ann@tocsin.example>";
    const message = "till: better words\n\nRun: RUN-1\n";
    await writeFile(join(folder, "a.mbox"), mailOf(patch, { author, at: fix.at, message }));
    await git(work, "am", "--quiet", join(folder, "a.mbox"));
    expect(await git(work, "log", "-1", "--format=%an|%s|%b")).toBe(
      "ann|till: better words|Run: RUN-1",
    );
    await git(work, "reset", "--quiet", "--hard", "HEAD^");
  });
});

describe("over HTTP", () => {
  let node: TestNode;
  let token = "";
  beforeAll(async () => {
    node = await startTestNode({ secrets: { "env:HANDBOOK_HOOK": "a-secret-of-the-handbook" } });
    await node.configure("channels", "mail", { type: "email", from: "tocsin@acme.example" });
    await node.configure("teams", "shop", { name: "Shop" });
    const contacts = [{ channel: "mail", address: "ann@acme.example" }];
    const roles = [{ role: "admin" }];
    await node.configure("people", "ann", {
      name: "Ann",
      email: "ann@acme.example",
      contacts,
      roles,
    });
    const viewer = { name: "Vic", email: "vic@acme.example", roles: [{ role: "responder" }] };
    await node.configure("people", "vic", { ...viewer, contacts });
    token = await node.tokenOf("ann");
    const source = { type: "git", url: bare, folder: "books", webhook: "env:HANDBOOK_HOOK" };
    await node.configure("runbooks", "handbook", { ...source, fixes: {} });
    await eventually(async () => {
      const { json } = await node.ask<{ items: Runbook[] }>("GET /v1/runbooks");
      return json.items.find(({ id }) => id === "till") ?? null;
    });
  });
  afterAll(() => node.stop());

  const ask = <T>(request: string, body?: unknown, by = token) =>
    node.ask<T>(request, { token: by, ...(body === undefined ? {} : { body }) });

  test("a person has the words of a run pushed, and the run tells where they are", async () => {
    const { json: run } = await ask<RunDetail>("POST /v1/runs", { runbook: "till" });
    expect((await ask(`POST /v1/runs/${run.id}/push-fixes`, {})).code).toBe("run.no_fixes");
    const step = run.phases[0]?.steps.find(({ text }) => text === "Ask the boss.")?.id;
    const words = { step, text: "Ask the owner of the till." };
    expect((await ask(`POST /v1/runs/${run.id}/fix`, words)).status).toBe(200);
    const vic = await node.tokenOf("vic");
    expect((await ask(`POST /v1/runs/${run.id}/push-fixes`, {}, vic)).code).toBe(
      "access.forbidden",
    );
    // The document moved on meanwhile, elsewhere: the words still fit.
    await commit({ "books/till.md": DOCUMENT.replace("Look at the till.", "Look closely.") });
    expect((await ask(`POST /v1/runs/${run.id}/push-fixes`, {})).text).toContain("tocsin/fix-till");
    const branch = await eventually(async () => {
      const { fixBranches } = (await ask<RunDetail>(`GET /v1/runs/${run.id}`)).json;
      const [first] = fixBranches;
      if (first?.state === "failed") throw new Error(first.because ?? "failed");
      return first?.state === "pushed" ? first.branch : null;
    });
    expect(branch).toMatch(/^tocsin\/fix-till-run-1-[0-9a-f]{8}$/);
    const text = await git(bare, "show", `${branch}:books/till.md`);
    expect(text).toContain("Ask the owner of the till.");
    expect(text).toContain("Look closely.");
    const { text: told } = await ask(`GET /v1/runs/${run.id}/timeline`);
    expect(told).toContain(`in the repository as ${branch}`);
    expect((await ask(`GET /v1/runs/${run.id}/fixes.mbox`)).text).toMatch(
      /^From [^]*\n-- \nTocsin\n$/,
    );
  });

  test("words of a document that was uploaded are offered, not pushed", async () => {
    const body = { id: "own", path: "own.md", document: DOCUMENT };
    await ask("POST /v1/runbooks", body);
    const { json: run } = await ask<RunDetail>("POST /v1/runs", { runbook: "own" });
    const step = run.phases[0]?.steps[0]?.id;
    await ask(`POST /v1/runs/${run.id}/fix`, { step, text: "Look." });
    const refused = await ask(`POST /v1/runs/${run.id}/push-fixes`, {});
    expect(refused.code).toBe("run.no_fix_branch");
    expect(refused.text).toContain("as a patch or a mail");
  });

  const hook = (id: string, headers: Readonly<Record<string, string>>, raw = '{"ref":"x"}') =>
    node.ask(`POST /v1/runbook-sources/${id}/webhook`, { token: null, raw, headers });
  const signature = hmacSha256("a-secret-of-the-handbook", '{"ref":"x"}').toString("hex");

  for (const [host, headers] of [
    ["GitHub", { "x-hub-signature-256": `sha256=${signature}` }],
    ["Gitea", { "x-gitea-signature": signature }],
    ["Forgejo", { "x-forgejo-signature": signature }],
    ["GitLab", { "x-gitlab-token": "a-secret-of-the-handbook" }],
  ] as const)
    test(`a webhook as ${host} signs it has the repository looked at`, async () => {
      expect((await hook("handbook", headers)).status).toBe(202);
    });

  test("what is pushed to it is published soon after its webhook", async () => {
    await commit({ "books/fresh.md": DOCUMENT });
    await hook("handbook", { "x-gitlab-token": "a-secret-of-the-handbook" });
    await eventually(async () => {
      const { json } = await node.ask<{ items: Runbook[] }>("GET /v1/runbooks");
      return json.items.find(({ id }) => id === "fresh") ?? null;
    });
  });

  test("a wrong signature, none, another body and a source that is not there look alike", async () => {
    const answers = [
      await hook("handbook", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }),
      await hook("handbook", {}),
      await hook("handbook", { "x-hub-signature-256": `sha256=${signature}` }, '{"ref":"y"}'),
      await hook("nowhere", { "x-hub-signature-256": `sha256=${signature}` }),
      await hook("nowhere", { "x-gitlab-token": "a secret that nobody was told" }),
    ];
    const said = answers.map(({ json }) => ({ ...json, requestId: "" }));
    expect(new Set(said.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, code: "runbook.webhook_unproved" });
  });

  test("whoever tries secrets waits after sixty", async () => {
    const answers = await Promise.all(Array.from({ length: 61 }, () => hook("handbook", {})));
    expect(answers.find(({ status }) => status === 429)?.code).toBe("server.too_many_requests");
  });
});
