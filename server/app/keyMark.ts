/**
 * A mark of the master key that a store was begun with: it tells whether a node or a restored store has the
 * same one, and nothing about the key.
 */
import type { Keyring } from "../base/crypto.ts";

export const markOfKey = (keys: Keyring): string => keys.sign("mark of the master key", "tocsin");

/** The name of the fact in `store_fact`. */
export const KEY_MARK = "master key";
