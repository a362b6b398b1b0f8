import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Problem, route } from "../contract/route.ts";
import { ClientError, clientOptions, openClient } from "./client.ts";

const teapot = route({
  method: "POST",
  path: "/v1/pots/:id",
  access: "public",
  tag: "pots",
  summary: "A route for this test.",
  params: z.object({ id: z.string() }),
  query: z.object({ limit: z.coerce.number().optional(), cursor: z.string().optional() }),
  body: z.object({ answer: z.string() }),
  reply: z.object({ asked: z.string(), authorization: z.string().nullable(), sent: z.string() }),
});
const problem: Problem = {
  type: "about:blank",
  title: "Conflict",
  status: 409,
  code: "pot.full",
  detail: "The pot is full.",
  params: { pot: "a" },
  requestId: "r1",
};

/** Answers with what the request asks for, so that the test sees what was sent. */
const server = createServer((request, reply) => {
  void read(request).then((body) => {
    const { answer } = JSON.parse(body) as { answer: string };
    const asked = {
      asked: request.url,
      authorization: request.headers.authorization ?? null,
      sent: body,
    };
    const known: Record<string, [number, string]> = {
      good: [200, JSON.stringify(asked)],
      problem: [409, JSON.stringify(problem)],
      page: [502, "<html>"],
      other: [200, "{}"],
    };
    const [status, text] = known[answer] ?? [500, ""];
    reply.writeHead(status).end(text);
  });
});
async function read(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const ask = (answer: string, token: string | null = null) =>
  openClient({ url, token }).call(teapot, {
    params: { id: "a/b" },
    query: { limit: 3 },
    body: { answer },
  });
const refused = (answer: string) =>
  ask(answer).then(
    () => Promise.reject(new Error("it was not refused")),
    (error: unknown) => error as ClientError,
  );

test("fills path and query, sends the token and gives back the reply", async () => {
  expect(await ask("good", "t0p")).toEqual({
    asked: "/v1/pots/a%2Fb?limit=3",
    authorization: "Bearer t0p",
    sent: '{"answer":"good"}',
  });
});
test("tells a refusal in its own words, with its parameters", async () => {
  const error = await refused("problem");
  expect(error.message).toBe("The pot is full.");
  expect(error.problem).toEqual(problem);
});
test("says so when the answer is none of Tocsin's", async () => {
  expect((await refused("page")).message).toBe("the server answered 502 without saying why");
  expect((await refused("other")).message).toContain("are both the same version?");
});
test("says in one line that nobody answers, and what to do", async () => {
  const call = openClient({ url: "http://127.0.0.1:1", token: null }).call(teapot, {
    params: { id: "a" },
    body: { answer: "good" },
  });
  await expect(call).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:1 does not answer .*tocsin up starts it\.$/,
  );
});

for (const [promise, env, expected] of [
  ["this machine by default", {}, { url: "http://127.0.0.1:4400", token: null }],
  [
    "the port of this machine",
    { TOCSIN_PORT: "5500" },
    { url: "http://127.0.0.1:5500", token: null },
  ],
  [
    "the address given, with its token",
    { TOCSIN_URL: "https://bell.acme.example/", TOCSIN_PORT: "1", TOCSIN_TOKEN: "t" },
    { url: "https://bell.acme.example", token: "t" },
  ],
] as const)
  test(`speaks to ${promise}`, () => expect(clientOptions(env)).toEqual(expected));
