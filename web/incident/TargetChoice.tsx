/** Whom to page: people, whoever is on call in a schedule, teams, and where it may be asked another policy. */
import { listConfigObjects } from "../../contract/configuration.ts";
import { listSchedules } from "../../contract/schedule.ts";
import { useNames } from "../app/me.ts";
import { useRoute } from "../kit/client.ts";
import { t } from "../kit/words.ts";
import type { Field, Values } from "./verbs.ts";

export function TargetChoice(props: {
  readonly id: string;
  readonly field: Extract<Field, { readonly kind: "target" }>;
  readonly value: Values[string];
  readonly set: (value: Values[string]) => void;
}) {
  const { id, field, value, set } = props;
  const { directory } = useNames();
  const schedules = useRoute(listSchedules, { query: { limit: 500 } });
  const policies = useRoute(
    listConfigObjects,
    { params: { kind: "escalations" }, query: { limit: 500 } },
    { enabled: field.policies === true },
  );
  const groups = [
    [t("On call in"), "schedule", schedules.data?.items ?? []],
    [t("Person"), "person", directory?.people ?? []],
    [t("Everybody in the team"), "team", directory?.teams ?? []],
    [
      t("Escalation policy"),
      "policy",
      (policies.data?.items ?? []).map((each) => ({
        id: each.id,
        name: typeof each.body["name"] === "string" ? each.body["name"] : each.id,
      })),
    ],
  ] as const;
  const options = groups.map(([label, kind, items]) =>
    items.length === 0 ? null : (
      <optgroup key={kind} label={label}>
        {items.map((each) => (
          <option key={each.id} value={`${kind}:${each.id}`}>
            {each.name}
          </option>
        ))}
      </optgroup>
    ),
  );
  return field.many === true ? (
    <select
      id={id}
      multiple
      size={8}
      value={Array.isArray(value) ? [...(value as readonly string[])] : []}
      onChange={(event) => set([...event.target.selectedOptions].map((option) => option.value))}
    >
      {options}
    </select>
  ) : (
    <select id={id} value={String(value)} onChange={(event) => set(event.target.value)}>
      <option value="">{t("Choose whom")}</option>
      {options}
    </select>
  );
}
