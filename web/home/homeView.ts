/** The first page for reading: one sentence, and what waits, the first due first. Pure. */
import type { Overview } from "../../contract/overview.ts";
import { at, listText, MINUTE, numberWord } from "../kit/time.ts";
import { t } from "../kit/words.ts";

type Wait = {
  readonly id: string;
  readonly dueAt: number | null;
  readonly words: string;
  readonly about: string;
} & (
  | { readonly kind: "page" | "task" | "offer"; readonly incident: string }
  | { readonly kind: "action item" | "postmortem"; readonly incident: string }
);

/** “One SEV1 and two SEV3 burn.” */
export function burnSentence(burning: readonly { readonly severity: string }[]): string {
  if (burning.length === 0) return t("Nothing burns.");
  const counts = Object.entries(Object.groupBy(burning, (each) => each.severity))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([severity, those], index) => {
      const number = numberWord(those?.length ?? 0);
      return `${index === 0 ? number : number.toLowerCase()} ${severity}`;
    });
  const list = listText(counts);
  return burning.length === 1 ? t("{list} burns.", { list }) : t("{list} burn.", { list });
}

export function headline(overview: Overview): string {
  const waiting = waitingCount(overview);
  const burn = burnSentence(overview.burning);
  if (waiting === 0) return burn;
  const wait =
    waiting === 1
      ? t("One thing waits for you.")
      : t("{number} things wait for you.", { number: numberWord(waiting) });
  return `${burn} ${wait}`;
}

/** The same as the browser's tab says it. */
export const subjectOf = (overview: Overview): string => headline(overview).replace(/\.$/, "");

/** Everything that waits for whoever asks, the first due first; a page comes before all. */
export function waits(overview: Overview, me: string | null): readonly Wait[] {
  const all: readonly Wait[] = [
    ...overview.pages.map((page) => ({
      kind: "page" as const,
      id: `page ${page.id}`,
      incident: page.incident,
      dueAt: at(page.pagedAt),
      words: page.title,
      about: t("you were paged for {incident}, {severity}", {
        incident: page.incident,
        severity: page.severity,
      }),
    })),
    ...overview.burning
      .filter(({ offeredCommander }) => me !== null && offeredCommander === me)
      .map((incident) => ({
        kind: "offer" as const,
        id: `offer ${incident.id}`,
        incident: incident.id,
        dueAt: at(incident.declaredAt),
        words: t("Take the command of {title}", { title: incident.title }),
        about: `${incident.id}, ${incident.severity}`,
      })),
    ...overview.tasks.map((task) => ({
      kind: "task" as const,
      id: `task ${task.id}`,
      incident: task.incident,
      dueAt: task.dueAt === null ? null : at(task.dueAt),
      words: task.task,
      about: t("task of {incident}, {title}", { incident: task.incident, title: task.title }),
    })),
    ...overview.postmortems
      .filter(({ commander }) => me !== null && commander === me)
      .map((postmortem) => ({
        kind: "postmortem" as const,
        id: `postmortem ${postmortem.incident}`,
        incident: postmortem.incident,
        dueAt: at(postmortem.deadline.dueAt),
        words: t("Publish the postmortem of {title}", { title: postmortem.title }),
        about: postmortem.incident,
      })),
    ...overview.actionItems.map((item) => ({
      kind: "action item" as const,
      id: item.id,
      incident: item.incident,
      dueAt: at(item.dueAt),
      words: item.title,
      about: t("{id}, {priority}, of {incident}", {
        id: item.id,
        priority: item.priority,
        incident: item.incident,
      }),
    })),
  ];
  return all.toSorted(
    (a, b) =>
      Number(b.kind === "page") - Number(a.kind === "page") ||
      (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity),
  );
}

/** What the rail counts: things that wait now, not promises that are weeks away. */
export const waitingCount = (overview: Overview): number =>
  overview.pages.length +
  overview.tasks.length +
  overview.actionItems.filter(({ overdue }) => overdue).length;

/** A lane of twelve hours: where each span stands, in percent. */
export function lane(
  spans: readonly {
    readonly startsAt: string;
    readonly endsAt: string;
    readonly person: string | null;
  }[],
  now: number,
  lengthMs: number,
) {
  return spans.flatMap((span) => {
    const from = Math.max(0, (at(span.startsAt) - now) / lengthMs);
    const to = Math.min(1, (at(span.endsAt) - now) / lengthMs);
    return to <= from
      ? []
      : [
          {
            ...span,
            left: from * 100,
            width: (to - from) * 100,
            isNow: at(span.startsAt) <= now + MINUTE,
          },
        ];
  });
}
