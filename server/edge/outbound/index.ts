/** All channels, by the type a configuration names. app/ hands this map to the engine. */
import type { Channel } from "../../../contract/notification.ts";
import type { ChannelDriver } from "../../domain/notification/channel.ts";
import { email } from "./email.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

export const channelDrivers: Readonly<Record<Channel["type"], ChannelDriver>> = {
  email,
  slack,
  webhook,
};
