/** Message → a call by Twilio that says it and takes a key. Sample: golden/twilio-voice.page.json */
import { assert } from "../../base/errors.ts";
import { SECOND } from "../../base/instant.ts";
import { type ChannelDriver, secretOf } from "../../domain/notification/channel.ts";
import { twilioXml } from "./callXml.ts";
import { PHONE_NUMBER, RINGS_MS, spokenOf, urlOf } from "./phone.ts";
import { baseOf, formRequest } from "./request.ts";
import { twilioVerdict } from "./twilio.ts";

export const twilioVoice: ChannelDriver = {
  medium: "voice",
  expects: PHONE_NUMBER,
  render(message, address, settings) {
    const { channel } = settings;
    assert(channel.type === "twilio-voice", "a call is rendered for its channel");
    const url = `${baseOf(channel.apiUrl)}/2010-04-01/Accounts/${channel.account}/Calls.json`;
    const form = [
      ["To", address],
      ["From", channel.from],
      // In the request itself, so that the call has its words when nobody can reach us any more.
      ["Twiml", twilioXml(spokenOf(message, urlOf(settings, message, "key")))],
      ["Timeout", String(RINGS_MS / SECOND)],
      ["StatusCallback", urlOf(settings, message, "receipt")],
      ["StatusCallbackMethod", "POST"],
      // Taken is receipt enough: a call that is talked in ends long after a receipt is missed.
      ["StatusCallbackEvent", "answered"],
      ["StatusCallbackEvent", "completed"],
    ] as const;
    return formRequest(url, form, channel.account, secretOf(settings, "token"));
  },
  update: null, // what was said was said
  verdict: twilioVerdict,
};
