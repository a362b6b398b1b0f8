/** The turns of a schedule: who, in which order, how long and from when; what changes lies on the ribbon first. */
import { useState } from "react";
import { stringify } from "yaml";
import { type ConfigObject, readConfigObject } from "../../contract/configuration.ts";
import type { Layer, Schedule } from "../../contract/oncall.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { fileText, KeepChange, TakeFile } from "../config/KeepChange.tsx";
import { useRoute } from "../kit/client.ts";
import { AskAgain, Button, Panel, Waiting } from "../kit/parts.tsx";
import { listText } from "../kit/time.ts";
import { later, said, t, tParts } from "../kit/words.ts";
import type { Proposed } from "./Ribbon.tsx";
import { countedFrom, draftProblem, moved, turnOf, withLayer, without } from "./turnsDraft.ts";

const UNITS = {
  hour: later("hours"),
  day: later("days"),
  week: later("weeks"),
  month: later("months"),
} as const;

type FormProps = {
  readonly id: string;
  readonly propose: (proposed: Proposed | null) => void;
  readonly onDone: () => void;
};

export function TurnsForm(props: FormProps) {
  const params = { kind: "schedules" as const, id: props.id };
  const { data, error, refetch } = useRoute(readConfigObject, { params });
  if (error !== null) return <AskAgain error={error} again={() => void refetch()} />;
  if (data === undefined) return <Waiting what={t("the schedule")} />;
  return <Turns {...props} object={data} key={JSON.stringify(data.body)} />;
}

function Turns({ id, propose, onDone, object }: FormProps & { object: ConfigObject }) {
  const me = useMe();
  const saved = object.body as unknown as Schedule;
  const [draft, setDraft] = useState(saved);
  const change = (next: Schedule): void => {
    setDraft(next);
    // What lies on the ribbon was of another draft.
    propose(null);
  };
  const file = fileText("schedules", id, stringify(draft));
  const { source } = object;
  return (
    <Panel
      look="turns"
      label={t("Turns of {schedule}", { schedule: saved.name })}
      title={t("Turns of {schedule}", { schedule: saved.name })}
      aside={
        <span className="t13 q cut">
          {source === null
            ? t("kept by the API")
            : t("owned by {file}:{line}; change it there and apply", source)}
        </span>
      }
    >
      <div className="act-body">
        {draft.layers.map((layer, at) => (
          <LayerFields
            key={at}
            at={at}
            layer={layer}
            zone={layer.timezone ?? draft.timezone}
            set={(next) => change(withLayer(draft, at, next))}
          />
        ))}
        <div className="field fit">
          <label htmlFor="turns-from">
            {tParts("Counts from {part}", {
              part: (
                <span className="qq t12">{t("(empty: when the turns that it touches end)")}</span>
              ),
            })}
          </label>
          <input
            id="turns-from"
            type="datetime-local"
            value={draft.effectiveFrom ?? ""}
            onChange={(event) => change(countedFrom(draft, event.target.value))}
          />
          <span className="hint">{t("by the clock of {zone}", { zone: draft.timezone })}</span>
        </div>
        <KeepChange
          kind="schedules"
          id={id}
          body={draft}
          because={
            may(me, "config.write", null)
              ? draftProblem(draft, saved)
              : t("Changing settings needs the right “config.write”.")
          }
          source={source}
          word={t("Keep the change")}
          onReport={({ onCall }) =>
            propose({
              schedule: id,
              differences: onCall.find(({ schedule }) => schedule === id)?.spans ?? [],
            })
          }
          onKept={onDone}
        >
          <Button onClick={onDone}>{t("Leave")}</Button>
        </KeepChange>
        {source === null ? null : (
          <div className="field">
            <span className="label">
              {t("Put this into {file} and apply it: files own this schedule.", source)}
            </span>
            <pre>{file}</pre>
            <span className="row wrap">
              <TakeFile name={id} file={file} />
            </span>
          </div>
        )}
      </div>
    </Panel>
  );
}

function LayerFields(props: {
  readonly at: number;
  readonly layer: Layer;
  readonly zone: string;
  readonly set: (change: Partial<Layer>) => void;
}) {
  const { at, layer, zone, set } = props;
  const names = useNames();
  const { people } = layer;
  const ids = {
    add: `turns-add-${at}`,
    count: `turns-count-${at}`,
    handoff: `turns-handoff-${at}`,
  };
  return (
    <fieldset className="field turns-layer">
      <legend>{layer.name}</legend>
      <ol className="turns-people">
        {people.map((entry, place) => {
          const name = listText(turnOf(entry).map(names.person));
          return (
            <li key={`${place} ${name}`}>
              <span className="cut">
                <span className="number" aria-hidden="true">
                  {place + 1}
                </span>{" "}
                {name}
              </span>
              <span className="row">
                <Button
                  small
                  aria-label={t("{name} earlier", { name })}
                  because={place === 0 ? t("It is the first turn already.") : null}
                  onClick={() => set({ people: moved(people, place, -1) })}
                >
                  ↑
                </Button>
                <Button
                  small
                  aria-label={t("{name} later", { name })}
                  because={place === people.length - 1 ? t("It is the last turn already.") : null}
                  onClick={() => set({ people: moved(people, place, 1) })}
                >
                  ↓
                </Button>
                <Button
                  small
                  aria-label={t("{name} has no turn", { name })}
                  onClick={() => set({ people: without(people, place) })}
                >
                  ×
                </Button>
              </span>
            </li>
          );
        })}
      </ol>
      <div className="turns-fields">
        <div className="field">
          <label htmlFor={ids.add}>{t("Add somebody")}</label>
          <select
            id={ids.add}
            value=""
            onChange={(event) => set({ people: [...people, event.target.value] })}
          >
            <option value="">{t("Choose a person")}</option>
            {names.directory?.people
              .filter((each) => !people.flat().includes(each.id))
              .map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
          </select>
        </div>
        {layer.every === undefined ? (
          <p className="t13 q">
            {t("Its turns follow {rule}, which is changed under Settings.", {
              rule: layer.rule ?? (layer.lengths ?? []).join(" + "),
            })}
          </p>
        ) : (
          <div className="field">
            <label htmlFor={ids.count}>{t("A turn lasts")}</label>
            <span className="row">
              <input
                id={ids.count}
                type="number"
                min={1}
                max={366}
                value={Number.isNaN(layer.count) ? "" : layer.count}
                onChange={(event) => set({ count: event.target.valueAsNumber })}
              />
              <select
                aria-label={t("Its unit")}
                value={layer.every}
                onChange={(event) => set({ every: event.target.value as keyof typeof UNITS })}
              >
                {Object.entries(UNITS).map(([unit, word]) => (
                  <option
                    key={unit}
                    value={unit}
                    disabled={layer.on !== undefined && unit !== "month"}
                  >
                    {said(word)}
                  </option>
                ))}
              </select>
            </span>
          </div>
        )}
        <div className="field">
          <label htmlFor={ids.handoff}>{t("Handoff at")}</label>
          <input
            id={ids.handoff}
            type="time"
            value={layer.handoffAt}
            onChange={(event) => {
              if (event.target.value !== "") set({ handoffAt: event.target.value });
            }}
          />
          <span className="hint">{t("by the clock of {zone}", { zone })}</span>
        </div>
      </div>
    </fieldset>
  );
}
