/**
 * What stands before the app has said anything: the rail and the strip, without a word, since the reader's language
 * is not known yet. Drawn when the app is built; the shell takes its place without moving anything.
 */
import { Icon, type IconName, Mark } from "../kit/icons.tsx";
import { ON_PHONE, PAGES } from "./pageList.ts";

const NO_WORD = "\u00a0";

export const Frame = () => (
  <div className="shell" aria-hidden="true">
    <div className="rail">
      <div className="mark">
        <Mark />
        Tocsin
      </div>
      {PAGES.map(({ to, icon }) => (
        <Place key={to} icon={icon} wide={!ON_PHONE.includes(to)} />
      ))}
      <div className="rail-find">
        <Icon name="find" />
        {NO_WORD}
      </div>
      <span className="sp" />
      <Place icon="sliders" wide />
      <Place icon="person" wide={false} />
    </div>
    <div className="strip" />
  </div>
);

function Place({ icon, wide }: { icon: IconName; wide: boolean }) {
  return (
    <span className={wide ? "place wide-only" : "place"}>
      <Icon name={icon} />
      {NO_WORD}
    </span>
  );
}
