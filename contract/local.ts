/** What the server and the command line on the same machine share through the data directory. */

/** Holds an administrator's token, readable by its owner only, new with every start. */
export const LOCAL_TOKEN_FILE = "local.token";
