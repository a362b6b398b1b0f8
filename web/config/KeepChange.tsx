/** A change of configuration, shown before it can be kept: the one way by which every page makes one. */
import { type ReactNode, useState } from "react";
import type { ConfigKind } from "../../contract/config.ts";
import {
  type ApplyReport,
  previewConfigObject,
  putConfigObject,
} from "../../contract/configuration.ts";
import { useSend } from "../kit/client.ts";
import { Button, CopyButton, RefusedLine } from "../kit/parts.tsx";
import { t } from "../kit/words.ts";
import { Preview } from "./Preview.tsx";

export type Kept = { readonly id: string; readonly key: string | null };

export function KeepChange(props: {
  readonly kind: ConfigKind;
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Why there is nothing to be looked at or kept. */
  readonly because: string | null;
  /** Where a file owns it: it is looked at here, and changed there. */
  readonly source: { readonly file: string; readonly line: number } | null;
  /** On the button that keeps it. */
  readonly word: string;
  readonly onReport?: (report: ApplyReport) => void;
  readonly onKept: (kept: Kept) => void;
  readonly children?: ReactNode;
}) {
  const { kind, id, body, because, source, onReport, onKept } = props;
  const text = JSON.stringify([id, body]);
  const [shownFor, setShownFor] = useState<string | null>(null);
  const put = useSend(putConfigObject, (queries) => void queries.invalidateQueries());
  const preview = useSend(previewConfigObject);
  const isSeen = shownFor === text && preview.isSuccess;
  return (
    <>
      <RefusedLine error={preview.error ?? put.error} />
      {preview.data === undefined || !isSeen ? null : <Preview report={preview.data} />}
      <div className="row wrap">
        <Button
          because={because}
          onClick={() => {
            setShownFor(text);
            preview.mutate(
              { params: { kind, id }, body },
              { onSuccess: (report) => onReport?.(report) },
            );
          }}
        >
          {preview.isPending ? t("Looking") : t("Show what changes")}
        </Button>
        <Button
          look="do"
          because={
            because ??
            (source === null
              ? isSeen
                ? null
                : t("See first what it changes.")
              : t("Owned by {file}:{line}: change it there and apply.", source))
          }
          onClick={() => put.mutate({ params: { kind, id }, body }, { onSuccess: onKept })}
        >
          {put.isPending ? t("Sending") : props.word}
        </Button>
        {props.children}
      </div>
    </>
  );
}

/** An object as it stands in a file. */
export const fileText = (kind: ConfigKind, id: string, yaml: string): string =>
  `${kind}:\n  ${id === "" ? "id" : id}:\n${yaml.replace(/^/gm, "    ").trimEnd()}\n`;

/** Takes the YAML to where files are kept. */
export function TakeFile({ name, file }: { name: string; file: string }) {
  return (
    <>
      <CopyButton text={file} what={t("YAML")} />
      <a
        className="btn sm"
        href={`data:text/yaml;charset=utf-8,${encodeURIComponent(file)}`}
        download={`${name}.yaml`}
      >
        {t("Download")}
      </a>
    </>
  );
}
