/** Message → Messages resource of Twilio; its answer → verdict. Sample: golden/twilio-sms.page.json */
import { assert } from "../../base/errors.ts";
import { type ChannelDriver, secretOf } from "../../domain/notification/channel.ts";
import { PHONE_NUMBER, PHONE_PACE, textOf, urlOf } from "./phone.ts";
import { baseOf, formRequest } from "./request.ts";
import { twilioVerdict } from "./twilio.ts";

export const twilioSms: ChannelDriver = {
  medium: "text",
  expects: PHONE_NUMBER,
  pace: PHONE_PACE,
  render(message, address, settings) {
    const { channel } = settings;
    assert(channel.type === "twilio-sms", "a text message is rendered for its channel");
    const url = `${baseOf(channel.apiUrl)}/2010-04-01/Accounts/${channel.account}/Messages.json`;
    const form = [
      ["To", address],
      ["From", channel.from],
      ["Body", textOf(message)],
      ["StatusCallback", urlOf(settings, message, "receipt")],
    ] as const;
    return formRequest(url, form, channel.account, secretOf(settings, "token"));
  },
  update: null, // a text message stays as it is
  verdict: twilioVerdict,
};
