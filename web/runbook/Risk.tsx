/** What an action may do, in a word and a shape; never by colour alone. */
import type { RunStep } from "../../contract/run.ts";
import { Icon } from "../kit/icons.tsx";

const LOOKS = {
  read: ["eye", "read"],
  write: ["pen", "write"],
  destructive: ["two", "destructive"],
} as const;

type Bound = Pick<NonNullable<RunStep["automation"]>, "risk" | "mode" | "state">;

export function Risk({ automation }: { automation: Bound }) {
  const { risk, mode, state } = automation;
  if (state !== "live") return <span className="chip">suspended</span>;
  const [icon, word] = LOOKS[risk];
  const how =
    risk === "destructive"
      ? ", two people"
      : risk === "read" && mode === "auto"
        ? ", by itself"
        : "";
  return (
    <span className={`chip ${risk === "destructive" ? "risky" : ""}`}>
      <Icon name={icon} small />
      {word}
      {how}
    </span>
  );
}
