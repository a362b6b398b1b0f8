/** The action registry: all that a runbook step can be bound to. */
import { registry } from "../../domain/runbook/action.ts";
import { commandRun } from "./command.ts";
import { flagRead, flagSet } from "./flags.ts";
import { httpRequest } from "./httpRequest.ts";
import { pagePerson, safeModeOff, safeModeOn, statusUpdate } from "./own.ts";
import { sqlAssert, sqlQuery } from "./sql.ts";
import { webhook } from "./webhook.ts";
import { githubDispatch, gitlabPipeline } from "./workflows.ts";

export const ACTIONS = registry([
  httpRequest,
  sqlQuery,
  sqlAssert,
  webhook,
  statusUpdate,
  pagePerson,
  safeModeOn,
  safeModeOff,
  commandRun,
  flagRead,
  flagSet,
  githubDispatch,
  gitlabPipeline,
]);
