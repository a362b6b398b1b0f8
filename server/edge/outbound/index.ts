/** All channels, by the type a configuration names. app/ hands this map to the engine. */
import type { Channel } from "../../../contract/notification.ts";
import type { ChannelDriver } from "../../domain/notification/channel.ts";
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { mattermost } from "./mattermost.ts";
import { ntfy } from "./ntfy.ts";
import { plivoSms } from "./plivoSms.ts";
import { plivoVoice } from "./plivoVoice.ts";
import { pushover } from "./pushover.ts";
import { slack } from "./slack.ts";
import { teams } from "./teams.ts";
import { telegram } from "./telegram.ts";
import { twilioSms } from "./twilioSms.ts";
import { twilioVoice } from "./twilioVoice.ts";
import { webhook } from "./webhook.ts";

export const channelDrivers: Readonly<Record<Channel["type"], ChannelDriver>> = {
  email,
  slack,
  webhook,
  ntfy,
  pushover,
  telegram,
  discord,
  mattermost,
  teams,
  "twilio-sms": twilioSms,
  "twilio-voice": twilioVoice,
  "plivo-sms": plivoSms,
  "plivo-voice": plivoVoice,
};
