/** `tocsin token` and `tocsin whoami`. */
import type { Command } from "commander";
import type { Role } from "../contract/account.ts";
import {
  createSignInLink,
  createToken,
  listTokens,
  revokeToken,
  whoAmI,
} from "../contract/session.ts";
import { forgetCredentials } from "../contract/signIn.ts";
import type { z } from "zod";
import type { TokenView } from "../contract/session.ts";
import { ClientError } from "./client.ts";
import {
  addCommand,
  type Cli,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  present,
  shownList,
  summaryOf,
} from "./command.ts";
import { idMeant, shortId, table } from "./output.ts";
import { briefTime, localTime, typedInstant } from "./time.ts";

type Token = z.infer<typeof TokenView>;
type Grants = Token["grants"];

export function registerAccess(program: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(program, cli, {
    usage: "whoami",
    what: "who the server takes you for, and what you may do",
    example: "./bin/tocsin whoami",
    async run() {
      const me = await client.call(whoAmI);
      const name = me.person ?? me.label ?? "nobody in particular";
      return { value: me, lines: () => [`${me.kind} ${name}: ${grantsText(me.grants)}`] };
    },
  });
  const noun = program
    .command("token")
    .description("API tokens, also for people at the command line");
  noun.summary(
    summaryOf(
      "create, list and revoke API tokens",
      "./bin/tocsin token create --label laptop --person lena",
    ),
  );
  addCreate(noun, cli);
  addCommand(noun, cli, {
    usage: "link <person>",
    what: "make a link that signs the person in on the web, once, within the hour",
    example: "./bin/tocsin token link lena",
    async run(given) {
      const link = await client.call(createSignInLink, { params: { id: given.arg(0) }, body: {} });
      return { value: link, lines: () => [link.url] };
    },
  });
  addCommand(noun, cli, {
    usage: "forget <person>",
    what: "take away a person's password, passkeys, provider identity, sessions and tokens",
    example: "./bin/tocsin token forget lena",
    async run(given) {
      const done = await client.call(forgetCredentials, { params: { id: given.arg(0) } });
      return {
        value: done,
        lines: () => [`${given.arg(0)} is signed out everywhere and needs a new link.`],
      };
    },
  });
  addCommand(noun, cli, {
    usage: "list",
    what: "list tokens, the newest first; never their secrets",
    example: "./bin/tocsin token list",
    options: [LIMIT_OPTION],
    async run(given) {
      const list = await listUpTo(client, listTokens, { query: {} }, limitOf(given));
      return shownList(list, (items) => tokenTable(items, cli), "No token.");
    },
  });
  addCommand(noun, cli, {
    usage: "revoke <id>",
    what: "revoke a token; it stops working at once",
    example: "./bin/tocsin token revoke 3f9c2a71d0b4",
    async run(given) {
      const latest = async () => (await client.call(listTokens, { query: { limit: 500 } })).items;
      const id = await idMeant("token", given.arg(0), latest);
      const token = await client.call(revokeToken, { params: { id } });
      return { value: token, lines: () => [`${token.label} is revoked.`] };
    },
  });
}

function addCreate(noun: Command, cli: Cli): void {
  addCommand(noun, cli, {
    usage: "create",
    what: "make a token; its secret is printed once, alone on standard output",
    example: "export TOCSIN_TOKEN=$(./bin/tocsin token create --label laptop --person lena)",
    options: [
      ["--label <label>", "what it is for", "required"],
      ["--person <person>", "acts as this person, with their roles"],
      [
        "--role <role>",
        "viewer, responder, manager or admin, or role:team; may be repeated",
        "list",
      ],
      ["--expires <time>", "until when it works (default: until revoked)"],
    ],
    async run(given) {
      const expires = given.text("expires");
      const person = given.text("person");
      const grants = given.list("role").map((text) => {
        const [role = "", team] = text.split(":", 2);
        return present({ role: role as Role, team });
      });
      if (person === undefined && grants.length === 0)
        throw new ClientError("say who acts by it: --person or --role");
      const body = present({
        label: given.text("label") ?? "",
        person,
        grants,
        expiresAt: expires === undefined ? undefined : typedInstant(expires, cli.now()),
      });
      const made = await cli.client.call(createToken, { body });
      return {
        value: made,
        lines: () => {
          const until =
            made.expiresAt === null ? "until it is revoked" : `until ${localTime(made.expiresAt)}`;
          cli.output.problem(
            `${made.label} works ${until}. Keep its secret; it is not shown again.`,
          );
          return [made.token];
        },
      };
    },
  });
}

const grantsText = (grants: Grants): string =>
  grants.length === 0
    ? "no role"
    : grants.map(({ role, team }) => (team === undefined ? role : `${role} in ${team}`)).join(", ");

function tokenTable(items: readonly Token[], { now, width }: Cli): readonly string[] {
  const rows = items.map((token) => [
    shortId(token.id),
    stateOf(token, now()),
    token.person ?? grantsText(token.grants),
    briefTime(token.createdAt, now()),
    token.label,
  ]);
  return table(["ID", "STATE", "ACTS AS", "MADE", "LABEL"], rows, width);
}

function stateOf({ revokedAt, expiresAt }: Token, now: number): string {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && Date.parse(expiresAt) <= now ? "expired" : "works";
}
