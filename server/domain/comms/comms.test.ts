import { describe, expect, test } from "vitest";
import type { Audience } from "../../../contract/comms.ts";
import { Refusal } from "../../base/errors.ts";
import { chooseAudiences } from "./comms.ts";

const audience = (more: Partial<Audience>): Audience => ({
  name: "x",
  people: [],
  contacts: [],
  public: false,
  ...more,
});
const AUDIENCES: Record<string, Audience> = {
  leads: audience({ people: ["ann"] }),
  "status-page": audience({ public: true }),
  engineering: audience({ contacts: [{ channel: "mail", address: "all@acme.example" }] }),
};
const find = (name: string): Audience | null => AUDIENCES[name] ?? null;
const choose = (restricted: boolean, named: string[], defaults: string[] = []) =>
  chooseAudiences({ incident: { number: 7, restricted }, named, defaults, find });

const refusalOf = (work: () => unknown): Refusal => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
  }
  throw new Error("it was not refused");
};

describe("choosing audiences", () => {
  test("those named win over the defaults, each once", () => {
    expect(choose(false, ["leads", "status-page", "leads"], ["engineering"])).toEqual([
      "leads",
      "status-page",
    ]);
  });

  test("the defaults that exist, when none is named", () => {
    expect(choose(false, [], ["gone", "engineering", "leads"])).toEqual(["engineering", "leads"]);
  });

  test("an unknown name is refused", () => {
    const refusal = refusalOf(() => choose(false, ["gone"]));
    expect(refusal.code).toBe("incident.unknown_audience");
    expect(refusal.params).toEqual({ audience: "gone" });
  });

  for (const name of ["status-page", "engineering"]) {
    test(`of a restricted incident ${name} may not hear, because not all of it is people`, () => {
      const refusal = refusalOf(() => choose(true, ["leads", name]));
      expect(refusal.code).toBe("comms.audience_open");
      expect(refusal.params).toEqual({ id: "INC-7", audience: name });
    });
  }

  test("defaults that may not hear of a restricted incident are left out", () => {
    expect(choose(true, [], ["status-page", "engineering", "leads"])).toEqual(["leads"]);
    expect(choose(true, [], ["status-page"])).toEqual([]);
  });
});
