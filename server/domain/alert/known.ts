/**
 * What this node knows of open alerts, as numbers in one piece of memory. As objects, hundreds of thousands of them
 * were copied by garbage collection, and finding one went through six places in memory instead of two (decision 110).
 */
import { assert } from "../../base/errors.ts";
import { type Instant, instant } from "../../base/instant.ts";
import type { RepeatRow } from "./store.ts";

/** Some 150 MB; the oldest are forgotten, and their next repeat is written as any other signal. */
const MOST_KNOWN = 500_000;
/** Of one alert: two senders of one alert write it differently, and both repeat. */
const MOST_MARKS = 4;

/** A record in words of 32 bits: the four marks of four words, and then … */
const [MARKS, BASIS, OWED, KEY] = [16, 17, 18, 19];
const WORDS = 32;
/** … in numbers of 64 bits. */
const [KNOWN, STORED_UNTIL, LAST_RECEIVED, EXPIRES] = [10, 11, 12, 13];
const NUMBERS = WORDS / 2;
/** A place in the table of marks: nothing, or something that is gone; otherwise the number of a mark and 1. */
const [EMPTY, GONE] = [0, -1];
const SMALLEST = 1_024;

/**
 * An alert as it is known now: its place, and the how manieth was learnt there, since what is learnt in a place after
 * another was forgotten is not the same.
 */
export type Known = number & { readonly __known: true };
const PLACES = 2 ** 20;
const placeOf = (known: Known): number => known & (PLACES - 1);

/** An alert as a flush wrote it. */
export type Written = {
  readonly key: string;
  readonly keyId: string;
  readonly alertId: string;
  /** The wording of what the key sent; see Mark. */
  readonly mark: string;
  readonly expiresAt: Instant;
};

/** What came in and is not written. */
export type Owed = RepeatRow & { readonly known: Known };

export class KnownAlerts {
  #words = new Int32Array(SMALLEST * WORDS);
  #numbers = new Float64Array(this.#words.buffer);
  readonly #byKey = new Map<string, number>();
  #keys: string[] = [];
  #alertIds: string[] = [];
  #free: number[] = [];
  #learnt = 0;
  /** Open addressing, by the mark and its intake key. */
  #table = new Int32Array(4 * SMALLEST);
  #filled = 0;
  #marks = 0;
  readonly #keyNumbers = new Map<string, number>();
  #basis = { text: "", number: 0 };
  #owing: Known[] = [];
  /** Owed to alerts that are known no more. */
  readonly #left = new Map<string, Owed>();

  /** The alert of which this key has sent this wording. */
  find(keyId: string, mark: string): Known | null {
    const key = this.#keyNumbers.get(keyId);
    const at = key === undefined ? -1 : this.#slotOf(key, mark);
    if (at < 0) return null;
    const place = (this.#table[at]! - 1) >> 2;
    return this.#knownAt(place);
  }

  keyOf = (known: Known): string => this.#keys[placeOf(known)]!;
  alertIdOf = (known: Known): string => this.#alertIds[placeOf(known)]!;
  /** The end that stands in the store. */
  storedUntil = (known: Known): Instant =>
    instant(this.#numbers[placeOf(known) * NUMBERS + STORED_UNTIL]!);

  /** Whether it has not been forgotten, and its decision rests on this. */
  holds(known: Known, basis: string): boolean {
    return (
      this.#isKnown(known) &&
      basis === this.#basis.text &&
      this.#words[placeOf(known) * WORDS + BASIS] === this.#basis.number
    );
  }

  learn(basis: string, { key, keyId, alertId, mark, expiresAt }: Written): void {
    // A basis that comes again counts as another one: what was learnt under it is written once more.
    if (basis !== this.#basis.text) this.#basis = { text: basis, number: this.#basis.number + 1 };
    let place = this.#byKey.get(key);
    // Its other wordings were judged on what they were learnt under, and may mean something else on this basis.
    const isSame =
      place !== undefined &&
      this.#alertIds[place] === alertId &&
      this.#words[place * WORDS + BASIS] === this.#basis.number;
    if (!isSame) {
      this.forget(key);
      place = undefined;
    }
    place ??= this.#newPlace(key, keyId, alertId);
    this.#words[place * WORDS + BASIS] = this.#basis.number;
    this.#numbers[place * NUMBERS + STORED_UNTIL] = expiresAt;
    this.#addMark(place, mark);
  }

  forget(key: string): void {
    const place = this.#byKey.get(key);
    if (place === undefined) return;
    this.#leave(this.#knownAt(place));
    const marks = Math.min(this.#words[place * WORDS + MARKS]!, MOST_MARKS);
    for (let mark = 0; mark < marks; mark++) this.#removeMark(place * MOST_MARKS + mark);
    this.#numbers[place * NUMBERS + KNOWN] = 0;
    this.#keys[place] = this.#alertIds[place] = "";
    this.#byKey.delete(key);
    this.#free.push(place);
  }

  forgetAll(): void {
    for (const known of this.#owing) if (this.#isKnown(known)) this.#leave(known);
    for (let place = 0; place < this.#keys.length; place++)
      this.#numbers[place * NUMBERS + KNOWN] = 0;
    this.#byKey.clear();
    [this.#keys, this.#alertIds, this.#free, this.#owing] = [[], [], [], []];
    this.#table.fill(EMPTY);
    this.#filled = this.#marks = 0;
  }

  owe(known: Known, count: number, lastReceivedAt: Instant, expiresAt: Instant): void {
    const at = placeOf(known);
    const numbers = at * NUMBERS;
    const owed = at * WORDS + OWED;
    if (this.#words[owed] === 0) {
      this.#numbers[numbers + LAST_RECEIVED] = this.#numbers[numbers + EXPIRES] = 0;
      this.#owing.push(known);
    }
    this.#words[owed]! += count;
    if (lastReceivedAt > this.#numbers[numbers + LAST_RECEIVED]!)
      this.#numbers[numbers + LAST_RECEIVED] = lastReceivedAt;
    if (expiresAt > this.#numbers[numbers + EXPIRES]!) this.#numbers[numbers + EXPIRES] = expiresAt;
  }

  owes = (): boolean => this.#owing.length > 0 || this.#left.size > 0;

  /** Takes out what is owed, to so many alerts at most and to none twice. */
  takeOwed(most: number): readonly Owed[] {
    if (this.#left.size > 0) {
      const rows = [...this.#left.values().take(most)];
      for (const { id } of rows) this.#left.delete(id);
      return rows;
    }
    const portion = this.#owing.splice(0, most).filter((known) => this.#isKnown(known));
    return portion.map((known) => this.#takeOne(known));
  }

  /** Could not be written. */
  oweAgain(rows: readonly Owed[]): void {
    for (const row of rows) {
      const { known, count, lastReceivedAt, expiresAt } = row;
      if (this.#isKnown(known)) this.owe(known, count, lastReceivedAt, expiresAt);
      else this.#addLeft(row);
    }
  }

  /** Was written. */
  store(rows: readonly Owed[]): void {
    for (const { known, expiresAt } of rows) {
      const at = placeOf(known) * NUMBERS + STORED_UNTIL;
      if (this.#isKnown(known) && expiresAt > this.#numbers[at]!) this.#numbers[at] = expiresAt;
    }
  }

  #isKnown(known: Known): boolean {
    return this.#numbers[placeOf(known) * NUMBERS + KNOWN] === known;
  }

  #knownAt(place: number): Known {
    return this.#numbers[place * NUMBERS + KNOWN]! as Known;
  }

  #takeOne(known: Known): Owed {
    const place = placeOf(known);
    const count = this.#words[place * WORDS + OWED]!;
    this.#words[place * WORDS + OWED] = 0;
    return {
      known,
      id: this.#alertIds[place]!,
      count,
      lastReceivedAt: instant(this.#numbers[place * NUMBERS + LAST_RECEIVED]!),
      expiresAt: instant(this.#numbers[place * NUMBERS + EXPIRES]!),
    };
  }

  /** Keeps what is owed to an alert that is about to be forgotten. */
  #leave(known: Known): void {
    if (this.#words[placeOf(known) * WORDS + OWED]! > 0) this.#addLeft(this.#takeOne(known));
  }

  #addLeft(row: Owed): void {
    const before = this.#left.get(row.id);
    const sum = before === undefined ? row : { ...row, ...together(before, row) };
    this.#left.set(row.id, sum);
  }

  #newPlace(key: string, keyId: string, alertId: string): number {
    const oldest = this.#byKey.size < MOST_KNOWN ? undefined : this.#byKey.keys().next().value;
    if (oldest !== undefined) this.forget(oldest);
    const place = this.#free.pop() ?? this.#keys.length;
    if ((place + 1) * WORDS > this.#words.length) this.#grow();
    let keyNumber = this.#keyNumbers.get(keyId);
    if (keyNumber === undefined)
      this.#keyNumbers.set(keyId, (keyNumber = this.#keyNumbers.size + 1));
    this.#keys[place] = key;
    this.#alertIds[place] = alertId;
    this.#byKey.set(key, place);
    this.#words.fill(0, place * WORDS, (place + 1) * WORDS);
    this.#words[place * WORDS + KEY] = keyNumber;
    this.#numbers[place * NUMBERS + KNOWN] = ++this.#learnt * PLACES + place;
    return place;
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    this.#numbers = new Float64Array(words.buffer);
  }

  #addMark(place: number, mark: string): void {
    const key = this.#words[place * WORDS + KEY]!;
    const slot = this.#slotOf(key, mark);
    if (slot >= 0) {
      if ((this.#table[slot]! - 1) >> 2 === place) return;
      this.#removeMark(this.#table[slot]! - 1);
    }
    const nth = this.#words[place * WORDS + MARKS]!++;
    const number = place * MOST_MARKS + (nth % MOST_MARKS);
    if (nth >= MOST_MARKS) this.#removeMark(number);
    for (let word = 0; word < 4; word++) this.#words[wordsOf(number) + word] = wordOf(mark, word);
    if (this.#filled * 4 > this.#table.length * 3) this.#rebuild();
    else this.#insert(number);
  }

  /** Where a mark stands in the table, or -1. */
  #slotOf(key: number, mark: string): number {
    assert(mark.length === 32, "a mark is a hash");
    const table = this.#table;
    const words = this.#words;
    const [a, b, c, d] = [wordOf(mark, 0), wordOf(mark, 1), wordOf(mark, 2), wordOf(mark, 3)];
    const mask = table.length - 1;
    for (let slot = (a ^ mixed(key)) & mask; table[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const number = table[slot]! - 1;
      if (number < 0) continue;
      const at = wordsOf(number);
      if (words[at] !== a || words[at + 1] !== b || words[at + 2] !== c || words[at + 3] !== d)
        continue;
      if (words[(number >> 2) * WORDS + KEY] === key) return slot;
    }
    return -1;
  }

  #firstSlot(number: number): number {
    const key = this.#words[(number >> 2) * WORDS + KEY]!;
    return (this.#words[wordsOf(number)]! ^ mixed(key)) & (this.#table.length - 1);
  }

  #insert(number: number): void {
    const mask = this.#table.length - 1;
    let slot = this.#firstSlot(number);
    while (this.#table[slot]! > 0) slot = (slot + 1) & mask;
    if (this.#table[slot] === EMPTY) this.#filled += 1;
    this.#table[slot] = number + 1;
    this.#marks += 1;
  }

  /** Does nothing for a mark that another alert has taken over. */
  #removeMark(number: number): void {
    const mask = this.#table.length - 1;
    let slot = this.#firstSlot(number);
    while (this.#table[slot] !== EMPTY && this.#table[slot] !== number + 1)
      slot = (slot + 1) & mask;
    if (this.#table[slot] === EMPTY) return;
    this.#table[slot] = GONE;
    this.#marks -= 1;
    this.#words.fill(0, wordsOf(number), wordsOf(number) + 4);
  }

  /** Without what is gone, and half empty at least. */
  #rebuild(): void {
    let size = 4 * SMALLEST;
    while (size < 2 * (this.#marks + 1)) size *= 2;
    this.#table = new Int32Array(size);
    this.#filled = this.#marks = 0;
    const words = this.#words;
    for (const place of this.#byKey.values())
      for (let number = place * MOST_MARKS; number < (place + 1) * MOST_MARKS; number++) {
        const at = wordsOf(number);
        const isMark = (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) !== 0;
        if (isMark) this.#insert(number);
      }
  }
}

const wordsOf = (markNumber: number): number =>
  (markNumber >> 2) * WORDS + (markNumber & (MOST_MARKS - 1)) * 4;
const mixed = (key: number): number => Math.imul(key, 0x9e3779b1);

/** Four characters of a hash, each of which is a byte. */
const wordOf = (mark: string, word: number): number =>
  mark.charCodeAt(4 * word) |
  (mark.charCodeAt(4 * word + 1) << 8) |
  (mark.charCodeAt(4 * word + 2) << 16) |
  (mark.charCodeAt(4 * word + 3) << 24);

const together = (a: Owed, b: Owed) => ({
  count: a.count + b.count,
  lastReceivedAt: a.lastReceivedAt > b.lastReceivedAt ? a.lastReceivedAt : b.lastReceivedAt,
  expiresAt: a.expiresAt > b.expiresAt ? a.expiresAt : b.expiresAt,
});
