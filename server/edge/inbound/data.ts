/** The tools that check data, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { airbyte } from "./data/airbyte.ts";
import { airflow } from "./data/airflow.ts";
import { dagster } from "./data/dagster.ts";
import { databricks } from "./data/databricks.ts";
import { dbt } from "./data/dbt.ts";
import { elementary } from "./data/elementary.ts";
import { fivetran } from "./data/fivetran.ts";
import { greatExpectations } from "./data/greatExpectations.ts";
import { monteCarlo } from "./data/monteCarlo.ts";
import { openLineage } from "./data/openLineage.ts";
import { prefect } from "./data/prefect.ts";
import { snowflake } from "./data/snowflake.ts";
import { soda } from "./data/soda.ts";

export const DATA_ADAPTERS: readonly Adapter[] = [
  airbyte,
  airflow,
  dagster,
  databricks,
  dbt,
  elementary,
  fivetran,
  greatExpectations,
  monteCarlo,
  openLineage,
  prefect,
  snowflake,
  soda,
];
