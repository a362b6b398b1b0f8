/** The browsers that your pages ring in: this one with a press, each of them taken out with another. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DeviceView, listDevices, removeDevice } from "../../contract/device.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, Panel, RefusedLine, Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";
import {
  type CannotWake,
  forgetDevice,
  keptDevice,
  wakeHere,
  whyNotWake,
} from "../offline/device.ts";

export function Devices({ person }: { person: string }) {
  const { data, error } = useRoute(listDevices);
  const queries = useQueryClient();
  const asked = () => void queries.invalidateQueries();
  const wake = useMutation({
    mutationFn: (senderKey: string) => wakeHere(person, senderKey),
    onSuccess: asked,
  });
  const remove = useSend(removeDevice, asked);
  if (error !== null) return <RefusedLine error={error} />;
  if (data === undefined) return null;
  const here = keptDevice();
  const isHere = ({ id }: DeviceView): boolean => id === here?.id;
  const ringsHere = data.items.some((each) => isHere(each) && each.ended === null);
  const cannot = whyNotWake();
  const because = cannot === null ? null : cannotText(cannot);
  return (
    <Panel title={t("Devices that ring")}>
      {data.items.map((each) => (
        <Device
          key={each.id}
          device={each}
          isHere={isHere(each)}
          remove={() => {
            if (isHere(each)) void forgetDevice();
            remove.mutate({ params: { id: each.id } });
          }}
        />
      ))}
      {ringsHere && remove.error === null ? null : (
        <div className="settings">
          {ringsHere ? null : (
            <>
              <p>
                {t(
                  "A page to you rings in this browser too, at once, also while Tocsin is closed. You can acknowledge it from there.",
                )}
              </p>
              <div className="row">
                <Button because={because} onClick={() => wake.mutate(data.senderKey)}>
                  {wake.isPending ? t("Asking this browser") : t("Let pages ring here")}
                </Button>
              </div>
              {because === null ? null : <p className="hint">{because}</p>}
            </>
          )}
          {wake.error === null ? null : (
            <p role="alert" className="refused">
              {t("Pages do not ring here: {why}.", { why: wake.error.message.replace(/\.$/, "") })}
            </p>
          )}
          <RefusedLine error={remove.error} />
        </div>
      )}
    </Panel>
  );
}

function Device({
  device,
  isHere,
  remove,
}: {
  device: DeviceView;
  isHere: boolean;
  remove: () => void;
}) {
  const { name, ended, allowedAt, lastUsedAt } = device;
  return (
    <div className="session-line">
      <span>
        <b>{name}</b>{" "}
        {isHere && ended === null ? (
          <>
            (<span className="you">{t("this browser")}</span>){" "}
          </>
        ) : null}
        {ended !== null
          ? ended.because === "gone"
            ? tParts("took its permission back {at}: let pages ring there again in it", {
                at: <Time iso={ended.at} />,
              })
            : tParts("ended with its session {at}", { at: <Time iso={ended.at} /> })
          : lastUsedAt === null
            ? tParts("rings since {since}, not rung yet", { since: <Time iso={allowedAt} /> })
            : tParts("rings since {since}, last rung {at}", {
                since: <Time iso={allowedAt} />,
                at: <Time iso={lastUsedAt} />,
              })}
      </span>
      {ended === null ? (
        <Button small aria-label={t("Remove {name}", { name })} onClick={remove}>
          {t("Remove")}
        </Button>
      ) : null}
    </div>
  );
}

function cannotText(why: CannotWake): string {
  switch (why) {
    case "insecure":
      return t("Browsers are woken only over TLS, and on this machine by localhost.");
    case "home screen":
      return t("Put Tocsin on the home screen and open it there: this phone wakes only such apps.");
    case "no push":
      return t("This browser cannot be woken.");
    case "denied":
      return t("This browser was told to show nothing of Tocsin: allow it in its settings.");
  }
}
