/** Addresses that their channel can never reach: found when they are configured, not by a page that is lost. */
import { WEB_PUSH } from "../../contract/notification.ts";
import type { ObjectCheck } from "../domain/config/check.ts";
import { channelDrivers } from "../edge/outbound/index.ts";

export const checkAddresses: ObjectCheck = (snapshot) => [
  ...(snapshot.get("channels", WEB_PUSH) === null
    ? []
    : [
        {
          kind: "channels" as const,
          id: WEB_PUSH,
          path: "id",
          message: "people's own devices have this name: choose another",
        },
      ]),
  ...(["people", "audiences"] as const).flatMap((kind) =>
    snapshot.all(kind).flatMap(({ id, body }) =>
      body.contacts.flatMap(({ channel, address }, index) => {
        const type = snapshot.get("channels", channel)?.body.type;
        const expected = type === undefined ? null : channelDrivers[type].expects;
        if (expected === undefined || expected === null || expected.pattern.test(address))
          return [];
        return [
          { kind, id, path: `contacts.${index}.address`, message: `expected ${expected.words}` },
        ];
      }),
    ),
  ),
];

/** A channel takes over for one of its own kind: a number that is texted need not be one that is called. */
export const checkFallbacks: ObjectCheck = (snapshot) =>
  snapshot.all("channels").flatMap(({ id, body }) => {
    const to = "fallback" in body ? body.fallback : undefined;
    const other = to === undefined ? undefined : snapshot.get("channels", to)?.body;
    if (other === undefined) return [];
    const { medium } = channelDrivers[body.type];
    if (to !== id && channelDrivers[other.type].medium === medium) return [];
    const means = medium === "voice" ? "calls" : "text messages";
    return [
      { kind: "channels", id, path: "fallback", message: `expected another channel for ${means}` },
    ];
  });
