/** What an action may do, in a word and a shape; never by colour alone. */
import type { RunStep } from "../../contract/run.ts";
import { Icon } from "../kit/icons.tsx";
import { later, said, t } from "../kit/words.ts";

const LOOKS = {
  read: ["eye", later("read")],
  write: ["pen", later("write")],
  destructive: ["two", later("destructive")],
} as const;

type Bound = Pick<NonNullable<RunStep["automation"]>, "risk" | "mode" | "state">;

export function Risk({ automation }: { automation: Bound }) {
  const { risk, mode, state } = automation;
  if (state !== "live") return <span className="chip">{t("suspended")}</span>;
  const [icon, word] = LOOKS[risk];
  const how =
    risk === "destructive"
      ? t(", two people")
      : risk === "read" && mode === "auto"
        ? t(", by itself")
        : "";
  return (
    <span className={`chip ${risk === "destructive" ? "risky" : ""}`}>
      <Icon name={icon} small />
      {said(word)}
      {how}
    </span>
  );
}
