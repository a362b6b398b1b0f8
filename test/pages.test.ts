/** Pages without script, asked for as a browser does, on a real node. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { all, sql } from "../server/base/db.ts";
import { type Answer, type Asked, eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let key: string;
let count = 0;

const SCRIPT = "<script>alert(1)</script> & co";
const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

beforeAll(async () => {
  node = await startTestNode();
  await node.configure("channels", "mail", { type: "email", from: "tocsin@acme.example" });
  await node.configure("teams", "red", { name: "Red" });
  for (const [id, name] of [
    ["ada", "Ada Ames"],
    ["bo", "Bo <b>Berg</b>"],
  ] as const) {
    const contacts = [{ channel: "mail", address: `${id}@acme.example` }];
    const roles = [{ role: "responder" }];
    const timezone = "Europe/Berlin";
    const body = { name, email: `${id}@acme.example`, contacts, roles, timezone };
    await node.configure("people", id, body);
  }
  const steps = [
    { notify: [{ person: "ada" }, { person: "bo" }], timeoutMinutes: 5 },
    { notify: [{ person: "bo" }], timeoutMinutes: 5 },
  ];
  await node.configure("escalations", "red", { name: "Red", steps, repeat: 0 });
  key = "";
}, 60_000);
afterAll(() => node.stop());

/** A service of its own for each test, so that none joins another's incident. */
let service: string;
beforeEach(async () => {
  count += 1;
  service = `till-${count}`;
  await node.configure("services", service, { name: "Till", team: "red", escalation: "red" });
  key = (await node.configure("keys", service, { service, secret: "generate" })) ?? "";
  const rule = { name: "critical", when: 'severity == "critical"', then: { declare: "SEV1" } };
  await node.configure("rules", "critical", { ...rule, order: 10 });
});

const look = (path: string, asked: Asked = {}): Promise<Answer> =>
  node.ask(`GET ${path}`, { token: null, headers: BROWSER, ...asked });
const press = (path: string): Promise<Answer> =>
  node.ask(`POST ${path}`, { token: null, headers: BROWSER, raw: "" });

type Burning = { readonly id: string; readonly links: Readonly<Record<string, string>> };

/** Rings; returns the incident and, by person, the path of the link in their page. */
async function ring(summary: string): Promise<Burning> {
  const payload = { summary, source: "test", severity: "critical" };
  const body = { routing_key: key, event_action: "trigger", payload };
  const sent = await node.ask("POST /v2/enqueue", { token: null, body });
  expect(sent.status).toBe(202);
  return eventually(async () => {
    const rows = await all(
      node.store.db,
      sql<{ number: number; person: string; page: string }>`
        select n.incident_number as number, n.person_id as person, n.id as page
        from notification n join incident i on i.number = n.incident_number
        where i.service_id = ${service} and n.kind = 'page' and n.occasion like '%step 1'
          and n.state = 'accepted' order by n.id limit 10`,
    );
    if (rows.length < 2) return null;
    const links = Object.fromEntries(rows.map(({ person, page }) => [person, node.pageLink(page)]));
    return { id: `INC-${rows[0]?.number}`, links };
  });
}

const stateOf = async (id: string) =>
  (await node.ask<{ acknowledgedBy: string | null }>(`GET /v1/incidents/${id}`)).json;

describe("the acknowledge link", () => {
  test("reading the page acknowledges nothing, however often", async () => {
    const { id, links } = await ring("Till is down");
    for (let times = 0; times < 3; times++) {
      const page = await look(links["ada"] ?? "");
      expect(page.status).toBe(200);
      expect(page.text).toContain("<button>Acknowledge");
      expect(page.text).toContain("Nobody has it yet.");
    }
    expect((await stateOf(id)).acknowledgedBy).toBeNull();
  });

  test("the page says why you, and who is paged next and when", async () => {
    const { links } = await ring("Till is down");
    const { text } = await look(links["ada"] ?? "");
    expect(text).toContain("You are named in step 1 of policy red.");
    expect(text).toContain("You, by mail");
    expect(text).toMatch(/Bo &lt;b&gt;Berg&lt;\/b&gt; is paged at<\/span>\s*<b><time/);
  });

  test("pressing acknowledges as the person it was sent to; again changes nothing", async () => {
    const { id, links } = await ring("Till is down");
    for (let times = 0; times < 2; times++) {
      const page = await press(links["ada"] ?? "");
      expect(page.status).toBe(200);
      expect(page.text).toContain("You have it");
      expect(page.text).not.toContain("<button>");
    }
    expect((await stateOf(id)).acknowledgedBy).toBe("ada");
    const { json } = await node.ask<{ items: { kind: string }[] }>(
      `GET /v1/incidents/${id}/timeline`,
    );
    expect(json.items.filter((entry) => entry.kind === "acknowledged")).toHaveLength(1);
  });

  test("whoever comes second is told who has it, before and after pressing", async () => {
    const { id, links } = await ring("Till is down");
    await press(links["ada"] ?? "");
    expect((await look(links["bo"] ?? "")).text).toContain("Ada Ames has it");
    const late = await press(links["bo"] ?? "");
    expect(late.status).toBe(200);
    expect(late.text).toContain("Ada Ames was faster");
    expect((await stateOf(id)).acknowledgedBy).toBe("ada");
  });

  test("when the incident is over, nothing is asked any more", async () => {
    const { id, links } = await ring("Till is down");
    await node.ask(`POST /v1/incidents/${id}/cancel`, { body: { reason: "false alarm" } });
    for (const page of [await look(links["ada"] ?? ""), await press(links["ada"] ?? "")]) {
      expect(page.status).toBe(200);
      expect(page.text).toContain("It is over");
      expect(page.text).toContain("cancelled (false alarm)");
      expect(page.text).not.toContain("<button>");
    }
  });

  test("a forged link is refused and acknowledges nothing", async () => {
    const { id, links } = await ring("Till is down");
    const [mine = "", other = ""] = [links["ada"], links["bo"]];
    const swapped = `${mine.split(".")[0]}.${other.split(".")[1]}`;
    const cut = mine.slice(0, -1);
    for (const forged of [swapped, cut, `${mine}A`, mine.replace("/a/", "/a/0")]) {
      for (const answer of [await look(forged), await press(forged)]) {
        expect(answer.status).toBe(403);
        expect(answer.headers.get("content-type")).toContain("text/html");
        expect(answer.text).toContain("This link is not one that Tocsin signed");
      }
    }
    expect((await stateOf(id)).acknowledgedBy).toBeNull();
  });

  test("no page runs script, frames or sends anywhere else", async () => {
    const { links } = await ring(SCRIPT);
    for (const page of [
      await look(links["ada"] ?? ""),
      await press(links["ada"] ?? ""),
      await look(await node.signInLink()),
      await look("/a/<script>"),
      await look("/docs"),
    ]) {
      expect(page.text).not.toContain("<script");
      const policy = page.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("form-action 'self'");
      expect(policy).not.toContain("unsafe");
      expect(page.text).not.toMatch(/ style=| on[a-z]+=/);
    }
    expect((await look(links["ada"] ?? "")).text).toContain(
      "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co",
    );
  });
});

describe("the web app", () => {
  test("every address is answered by one page that holds no data, to whoever comes without a session", async () => {
    const { id } = await ring("Till is down");
    const token = await node.tokenOf("ada");
    const pages = [
      await look("/"),
      await look("/incidents", { token }),
      await look(`/incidents/${id}`, { token }),
      await look("/settings/people"),
    ];
    for (const page of pages) {
      expect(page.headers.get("content-type")).toContain("text/html");
      expect(page.text).toBe(pages[0]?.text);
      expect(page.text).not.toContain("Till is down");
    }
  });

  test("its files are found by their names only", async () => {
    for (const path of ["..%2findex.html", "%2e%2e%2f%2e%2e%2fpackage.json", "no-such.js", "x"]) {
      expect((await look(`/assets/${path}`)).status).toBe(404);
    }
  });
});
