/** The tools that check data, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { airflow } from "./data/airflow.ts";
import { dbt } from "./data/dbt.ts";
import { elementary } from "./data/elementary.ts";
import { greatExpectations } from "./data/greatExpectations.ts";
import { openLineage } from "./data/openLineage.ts";
import { soda } from "./data/soda.ts";

export const DATA_ADAPTERS: readonly Adapter[] = [
  airflow,
  dbt,
  elementary,
  greatExpectations,
  openLineage,
  soda,
];
