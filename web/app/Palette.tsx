/** `Ctrl K`: find or do. Pages, incidents, people, services, and what can be done here; also what cannot, and why. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { listIncidents } from "../../contract/incident.ts";
import { type Found, search as searchRoute } from "../../contract/search.ts";
import { useRoute } from "../kit/client.ts";
import { Icon, type IconName } from "../kit/icons.tsx";
import { matches } from "./match.ts";
import { useNames } from "./me.ts";
import { useKnownOffers } from "./offers.ts";
import { chooseScheme } from "./scheme.ts";
import { PAGES } from "./pageList.ts";
import { said, t } from "../kit/words.ts";

type Line = {
  readonly id: string;
  readonly icon: IconName;
  readonly words: string;
  readonly kind: string;
  readonly also?: string;
  readonly because?: string | null;
  /** Where the words stand, when that is not the title. */
  readonly excerpt?: string | null;
  readonly run: () => void;
};

const SHOWN = 12;

export function Palette({ close }: { close: () => void }) {
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const lines = useLines();
  const { found, more, asking } = useFound(search);
  const shown = useMemo(() => {
    const known = matches(lines, search).slice(0, SHOWN);
    const ids = new Set(known.map(({ id }) => id));
    return [...known, ...found.filter(({ id }) => !ids.has(id))];
  }, [lines, search, found]);
  const current = shown[Math.min(chosen, shown.length - 1)];
  useEffect(() => dialog.current?.showModal(), []);
  const run = (line: Line | undefined): void => {
    if (line === undefined || line.because != null) return;
    dialog.current?.close();
    line.run();
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label={t("Find or do")}
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
    >
      <div className="palette-field">
        <Icon name="find" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={current === undefined ? undefined : `${list}${current.id}`}
          aria-label={t("Find or do")}
          placeholder={t("An incident, a page, a verb")}
          value={search}
          autoFocus
          onChange={(event) => {
            setSearch(event.target.value);
            setChosen(0);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step !== undefined) {
              event.preventDefault();
              setChosen((chosen + step + shown.length) % Math.max(1, shown.length));
            }
            if (event.key === "Enter") {
              event.preventDefault();
              run(current);
            }
          }}
        />
      </div>
      <ul id={list} role="listbox" aria-label={t("Found")}>
        {shown.map((line) => (
          <li
            key={line.id}
            id={`${list}${line.id}`}
            role="option"
            aria-selected={line === current}
            aria-disabled={line.because != null || undefined}
            onClick={() => run(line)}
            onKeyDown={() => undefined}
          >
            <Icon name={line.icon} small />
            <span className="grow">
              {line.words}
              {line.because == null ? null : <small>{line.because}</small>}
              {line.excerpt == null ? null : <small className="qq">{line.excerpt}</small>}
            </span>
            <span className="t12 qq">{line.kind}</span>
          </li>
        ))}
      </ul>
      <p className="empty" role="status">
        {shown.length > 0 ? more : asking ? "" : t("Nothing is called that, and nothing says it.")}
      </p>
    </dialog>
  );
}

/** The server is asked once nobody types any more. */
const SETTLE_MS = 150;

/** As many letters as the server takes. */
const wordsOf = (typed: string): string => typed.trim().slice(0, 200).trim();

/** What the server finds: titles, what people wrote, documents; as far as the reader may see. */
function useFound(typed: string): {
  readonly found: readonly Line[];
  readonly more: string;
  readonly asking: boolean;
} {
  const navigate = useNavigate();
  const [words, setWords] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setWords(wordsOf(typed)), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const enabled = words.length > 1;
  const { data, isFetching } = useRoute(
    searchRoute,
    { query: { q: enabled ? words : "-", limit: 5 } },
    { enabled },
  );
  const found = useMemo(
    () =>
      (enabled ? (data?.items ?? []) : []).map((item): Line => ({
        id: item.kind === "service" ? `service-${item.id}` : item.id,
        icon: ICONS[item.kind],
        words: item.kind === "incident" ? `${item.id} ${item.title}` : item.title,
        excerpt: item.excerpt,
        kind: `${said(item.kind)}, ${[item.severity, item.detail].filter(Boolean).join(", ")}`,
        run: () => void navigate(placeOf(item)),
      })),
    [enabled, data, navigate],
  );
  const more =
    enabled && data !== undefined && data.more.length > 0
      ? t("There is more of: {list}. Another word narrows it.", {
          list: data.more.map(said).join(", "),
        })
      : "";
  return { found, more, asking: isFetching || words !== wordsOf(typed) };
}

const ICONS = {
  incident: "flame",
  alert: "bell",
  runbook: "book",
  service: "boxes",
  person: "person",
  schedule: "calendar",
} as const;

function placeOf({ kind, id }: Found) {
  switch (kind) {
    case "incident":
      return { to: "/incidents/$id", params: { id } } as const;
    case "alert":
      return { to: "/alerts/$id", params: { id } } as const;
    case "runbook":
      return { to: "/runbooks/$name", params: { name: id } } as const;
    case "service":
      return { to: "/services/$id", params: { id } } as const;
    case "person":
      return { to: "/settings/$noun", params: { noun: "people" }, search: { id } } as const;
    case "schedule":
      return { to: "/oncall", search: { schedule: id } } as const;
  }
}

function useLines(): readonly Line[] {
  const navigate = useNavigate();
  const offers = useKnownOffers();
  const names = useNames();
  const { data } = useRoute(listIncidents, { query: { limit: 100 } });
  return useMemo(
    () => [
      ...offers.map((offer, index) => ({
        ...offer,
        id: `offer-${index}`,
        icon: "right" as const,
        kind: t("do"),
      })),
      ...PAGES.map(({ to, word, icon }) => ({
        id: `page-${word}`,
        icon,
        words: said(word),
        kind: t("page"),
        run: () => void navigate({ to }),
      })),
      {
        id: "page-Settings",
        icon: "sliders" as const,
        words: t("Settings"),
        also: "people teams schedules keys tokens",
        kind: t("page"),
        run: () => void navigate({ to: "/settings/$noun", params: { noun: "people" } }),
      },
      {
        id: "page-You",
        icon: "person" as const,
        words: t("You"),
        kind: t("page"),
        run: () => void navigate({ to: "/you" }),
      },
      ...(names.directory?.services ?? []).map((service) => ({
        id: `service-${service.id}`,
        icon: "boxes" as const,
        words: service.name,
        also: `service ${service.id}`,
        kind: t("service"),
        run: () => void navigate({ to: "/services/$id", params: { id: service.id } }),
      })),
      ...(data?.items ?? []).map((incident) => ({
        id: incident.id,
        icon: "flame" as const,
        words: `${incident.id} ${incident.title}`,
        also: `${incident.severity} ${incident.services.map(names.service).join(" ")}`,
        kind: said(incident.state),
        run: () => void navigate({ to: "/incidents/$id", params: { id: incident.id } }),
      })),
      ...(["light", "dark", "system"] as const).map((scheme) => ({
        id: `scheme-${scheme}`,
        icon: scheme === "dark" ? ("moon" as const) : ("sun" as const),
        words:
          scheme === "system"
            ? t("Light or dark as this machine says")
            : t("Show it {scheme}", { scheme }),
        also: "scheme theme colour",
        kind: t("do"),
        run: () => chooseScheme(scheme),
      })),
    ],
    [offers, data, names, navigate],
  );
}
