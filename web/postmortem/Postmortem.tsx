/** The postmortem by section: written in Markdown, read beside it, and no word of anybody lost. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense, useId, useRef, useState } from "react";
import { getIncident } from "../../contract/incident.ts";
import {
  addActionItem,
  changeActionItem,
  editSection,
  getPostmortem,
  type Postmortem as PostmortemView,
  type PostmortemSection,
  Priority,
  publishPostmortem,
} from "../../contract/postmortem.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { Severity } from "../incident/marks.tsx";
import { useRoute, useSend } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { Button, RefusedLine, Time, NotYet } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { said, t, tParts } from "../kit/words.ts";
import { type Pick, withPicks } from "./picked.ts";
import { type Draft, isEmpty, standingOf } from "./sectionEdit.ts";
import { TimelinePicker } from "./TimelinePicker.tsx";
import "./postmortem.css";

const route = getRouteApi("/postmortems/$id");
const Markdown = lazy(() => import("./Markdown.tsx"));

/** What was typed and not saved, also when the section or the page is left. */
const drafts = new Map<string, Draft>();

export type PostmortemSearch = { readonly section?: string | undefined };

export function Postmortem() {
  const { id } = route.useParams();
  const { section: key } = route.useSearch();
  const navigate = route.useNavigate();
  useTitle(t("Postmortem of {id}", { id }));
  const { data, error, refetch } = useRoute(getPostmortem, { params: { id } });
  const { data: incident } = useRoute(getIncident, { params: { id } });
  if (data === undefined)
    return (
      <NotYet
        title={t("Postmortem of {id}", { id })}
        what={t("the postmortem")}
        error={error}
        again={() => void refetch()}
      />
    );
  const section = data.sections.find((each) => each.key === key) ?? data.sections[0];
  return (
    <main className="postmortem">
      <header className="postmortem-head">
        {incident === undefined ? null : <Severity severity={incident.severity} />}
        <h1>{incident?.title ?? id}</h1>
        <Link to="/incidents/$id" params={{ id }}>
          {id}
        </Link>
        <span className="chip">{said(data.state)}</span>
        {data.dueAt === null || data.state === "published" ? null : (
          <span className={data.overdue ? "clk late" : "clk"}>
            {tParts("due {time}", { time: <Time iso={data.dueAt} /> })}
          </span>
        )}
        <span className="grow" />
        <a className="btn" href={`/v1/incidents/${id}/postmortem.md`} download={`${id}.md`}>
          {t("Markdown")}
        </a>
        <a className="btn" href={`/v1/incidents/${id}/postmortem.pdf`} download={`${id}.pdf`}>
          {t("PDF")}
        </a>
        <a className="btn" href={`/v1/incidents/${id}/postmortem.html`} download={`${id}.html`}>
          {t("HTML")}
        </a>
        <Publish postmortem={data} />
      </header>
      <nav className="sections" aria-label={t("Sections")}>
        {data.sections.map((each) => {
          const draft = drafts.get(`${id} ${each.key}`) ?? null;
          const standing = standingOf(draft, each).kind;
          return (
            <button
              key={each.key}
              type="button"
              className="section-name"
              aria-current={each.key === section?.key ? "true" : undefined}
              onClick={() => void navigate({ search: { section: each.key }, replace: true })}
            >
              {isEmpty(each.body) ? (
                <span className="ring" aria-hidden="true" />
              ) : (
                <Icon name="check" small />
              )}
              {said(each.title)}
              <span className="t12 qq">
                {standing === "clean"
                  ? isEmpty(each.body)
                    ? t("empty")
                    : ""
                  : standing === "typed"
                    ? t("not saved")
                    : t("changed by two")}
              </span>
            </button>
          );
        })}
      </nav>
      {section === undefined ? null : section.key === "action-items" ? (
        <Items postmortem={data} />
      ) : (
        <Editor key={section.key} id={id} section={section} team={incident?.team ?? null} />
      )}
    </main>
  );
}

function Editor(props: {
  readonly id: string;
  readonly section: PostmortemSection;
  readonly team: string | null;
}) {
  const { id, section, team } = props;
  const me = useMe();
  const field = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [beside, setBeside] = useState<"read" | "timeline">("read");
  const draftKey = `${id} ${section.key}`;
  const [draft, setDraft] = useState<Draft | null>(() => drafts.get(draftKey) ?? null);
  const standing = standingOf(draft, section);
  const send = useSend(editSection, (queries, saved) => {
    queries.setQueryData<PostmortemView>([getPostmortem.path, { id }, {}], (old) =>
      old === undefined
        ? old
        : { ...old, sections: old.sections.map((each) => (each.key === saved.key ? saved : each)) },
    );
  });
  const keep = (next: Draft | null): void => {
    if (next === null) drafts.delete(draftKey);
    else drafts.set(draftKey, next);
    setDraft(next);
  };
  const because = may(me, "postmortems.write", team ?? "any")
    ? standing.kind === "clean"
      ? t("Everything is saved.")
      : null
    : t("This needs the right “postmortems.write”.");
  const save = (version: number): void => {
    if (draft === null || send.isPending) return;
    send.mutate(
      { params: { id, key: section.key }, body: { body: draft.text, version } },
      {
        onSuccess: (saved) =>
          keep(saved.body === draft.text ? null : { ...draft, base: saved.version }),
      },
    );
  };
  const type = (text: string): void => keep({ text, base: draft?.base ?? section.version });
  const put = (picks: readonly Pick[]): void => {
    const caret = area.current?.selectionStart ?? standing.text.length;
    type(withPicks(standing.text, caret, picks));
    area.current?.focus();
  };
  return (
    <section className="editor" aria-label={said(section.title)}>
      <div className="write">
        <div className="row editor-bar">
          <label htmlFor={field} className="label grow">
            {said(section.title)}
          </label>
          <span className="t12 qq">{t("version {version}", { version: section.version })}</span>
          <Button
            small
            look={standing.kind === "typed" ? "do" : undefined}
            because={
              standing.kind === "conflict" ? t("Decide about the other change first.") : because
            }
            onClick={() => save(section.version)}
          >
            {send.isPending ? t("Saving") : t("Save")} <kbd aria-hidden="true">Ctrl Enter</kbd>
          </Button>
        </div>
        <RefusedLine error={standing.kind === "conflict" ? null : send.error} />
        {standing.kind === "conflict" ? (
          <div className="conflict" role="alert">
            <p>
              {tParts("{part} Both texts are here; nothing is lost.", {
                part: <b>{t("Somebody changed this section while you wrote.")}</b>,
              })}
            </p>
            <p className="label">
              {t("As it is now, version {version}", { version: section.version })}
            </p>
            <pre>{standing.theirs}</pre>
            <div className="row wrap">
              <Button
                small
                onClick={() =>
                  keep({
                    text: `${standing.theirs.trimEnd()}\n\n${standing.text}`,
                    base: section.version,
                  })
                }
              >
                {t("Put mine below theirs")}
              </Button>
              <Button small onClick={() => keep({ text: standing.text, base: section.version })}>
                {t("Keep mine, I have read theirs")}
              </Button>
              <Button small onClick={() => keep(null)}>
                {t("Take theirs")}
              </Button>
            </div>
          </div>
        ) : null}
        <textarea
          id={field}
          ref={area}
          className="input prose-field"
          value={standing.text}
          spellCheck
          onChange={(event) => type(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            if (because === null && standing.kind === "typed") save(section.version);
          }}
        />
      </div>
      <div className="beside">
        <div className="row editor-bar" role="group" aria-label={t("Beside the text")}>
          {(["read", "timeline"] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="flt"
              aria-pressed={beside === each}
              onClick={() => setBeside(each)}
            >
              {each === "read" ? t("As it is read") : t("Pick from the timeline")}
            </button>
          ))}
        </div>
        {beside === "timeline" ? (
          <TimelinePicker id={id} put={put} />
        ) : (
          <article className="prose" aria-label={t("As it is read")} tabIndex={0}>
            <Suspense fallback={null}>
              <Markdown text={standing.text} />
            </Suspense>
          </article>
        )}
      </div>
    </section>
  );
}

function Publish({ postmortem }: { postmortem: PostmortemView }) {
  const names = useNames();
  const [open, setOpen] = useState(false);
  const [audiences, setAudiences] = useState<readonly string[]>([]);
  const send = useSend(publishPostmortem, (queries) => {
    void queries.invalidateQueries();
    setOpen(false);
  });
  return (
    <span
      className="more"
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
    >
      <Button look="do" aria-expanded={open} onClick={() => setOpen(!open)}>
        {postmortem.state === "published" ? t("Publish again") : t("Publish")}
      </Button>
      {open ? (
        <div className="menu publish">
          <fieldset className="field choices">
            <legend>{t("Who reads it")}</legend>
            {names.directory?.audiences.map((audience) => (
              <label key={audience.id} className="choice">
                <input
                  type="checkbox"
                  checked={audiences.includes(audience.id)}
                  onChange={(event) =>
                    setAudiences(
                      event.target.checked
                        ? [...audiences, audience.id]
                        : audiences.filter((each) => each !== audience.id),
                    )
                  }
                />
                {audience.name}
              </label>
            ))}
          </fieldset>
          <RefusedLine error={send.error} />
          <Button
            look="do"
            onClick={() =>
              send.mutate({
                params: { id: postmortem.incident },
                body: { audiences: [...audiences] },
              })
            }
          >
            {send.isPending ? t("Sending") : t("Publish it to them")}
          </Button>
        </div>
      ) : null}
    </span>
  );
}

function Items({ postmortem }: { postmortem: PostmortemView }) {
  const names = useNames();
  const [title, setTitle] = useState("");
  const [owner, setOwner] = useState("");
  const [priority, setPriority] = useState<Priority>("P1");
  const id = postmortem.incident;
  const add = useSend(addActionItem, (queries) => {
    void queries.invalidateQueries();
    setTitle("");
  });
  const change = useSend(changeActionItem, (queries) => void queries.invalidateQueries());
  const missing =
    title.trim() === ""
      ? t("It has no words yet.")
      : owner === ""
        ? t("It has no owner yet.")
        : null;
  return (
    <section className="editor items" aria-label={t("Action items")}>
      <div className="write">
        <h2>{t("Action items")}</h2>
        <p className="q t13">
          {t("A promised change, with an owner and a due date by its priority.")}
        </p>
        {postmortem.actionItems.map((item) => (
          <div key={item.id} className="card-line row">
            <span className="grow">
              <b>{item.priority}</b> {item.title}{" "}
              <span className="q t13">
                {tParts("{id}, {person}, due {time}", {
                  id: item.id,
                  person: names.person(item.owner),
                  time: <Time iso={item.dueAt} />,
                })}
              </span>
            </span>
            {item.overdue ? <span className="clk late">{t("overdue")}</span> : null}
            <select
              className="input fit"
              aria-label={t("Status of {id}", { id: item.id })}
              value={item.status}
              onChange={(event) =>
                change.mutate({
                  params: { id: item.id },
                  body: { status: event.target.value as typeof item.status },
                })
              }
            >
              {["open", "in progress", "done", "dropped"].map((status) => (
                <option key={status} value={status}>
                  {said(status)}
                </option>
              ))}
            </select>
          </div>
        ))}
        <RefusedLine error={add.error ?? change.error} />
        <form
          className="item-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (missing === null)
              add.mutate({ params: { id }, body: { title: title.trim(), owner, priority } });
          }}
        >
          <input
            className="input"
            aria-label={t("What will change")}
            placeholder={t("What will change")}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
          <select
            className="input fit"
            aria-label={t("Owner")}
            value={owner}
            onChange={(event) => setOwner(event.target.value)}
          >
            <option value="">{t("Owner")}</option>
            {names.directory?.people.map((person) => (
              <option key={person.id} value={person.id}>
                {person.name}
              </option>
            ))}
          </select>
          <select
            className="input fit"
            aria-label={t("Priority")}
            value={priority}
            onChange={(event) => setPriority(event.target.value as Priority)}
          >
            {Priority.options.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
          <Button type="submit" because={missing} onClick={() => undefined}>
            {t("Add action item")}
          </Button>
        </form>
      </div>
    </section>
  );
}
