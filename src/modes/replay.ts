import { describe } from '../analyzer/describe.ts';
import { CaptureFileError, type CaptureSummary, readCaptureFile } from '../capture/file.ts';
import { mayConcernVrrp } from '../decoder/filter.ts';
import type { Options } from '../options.ts';
import { printable } from '../output/escape.ts';
import { reportText } from '../output/report.ts';
import { formatDuration } from '../output/time.ts';
import { isScreen, outputStyle } from '../stdout/output-style.ts';
import { EventLog } from '../ui/event-log.ts';
import type { CaptureHealth } from '../ui/source.ts';
import { startDashboard } from '../ui/start.tsx';
import { UserError } from '../user-error.ts';
import { FrameTape } from '../watch/frame-tape.ts';
import { Player } from '../watch/player.ts';
import { Watch } from '../watch/watch.ts';
import { watchedCapture } from '../watch/watched-capture.ts';

/** How often the player moves on. */
const BEAT_MS = 50;

/** Plays a saved capture in the dashboard. */
export async function replayFile(options: Options, speed: number): Promise<number> {
  const file = options.files[0] ?? '';
  if (!isScreen()) {
    throw new UserError('--replay needs a terminal that can be drawn on', `for a report: vrrpwatch --pcap ${file}`);
  }
  const tape = new FrameTape();
  const summary = await record(file, tape);
  const player = new Player(speed, tape);
  const log = new EventLog();
  const watch = new Watch({
    capture: file,
    interfaceName: (index) => summary.interfaceNames[index] ?? null,
    laneHistory: 'recent',
    expectations: options.expectations,
    onEvent: (event) => log.add(event),
  });
  player.open(
    { sink: watch, tick: (atUs) => watch.analyzer.tick(atUs), eventCount: () => log.count },
    summary.firstUs ?? 0,
    summary.lastUs ?? 0,
  );
  if (tape.isFull) process.stderr.write(`vrrpwatch: ${printable(excuse(file, player))}\n`);
  const report = () =>
    describe([watchedCapture(file, played(summary, player, tape), watch.analyzer)], {
      showSecrets: options.showSecrets,
    });
  const beat = setInterval(() => player.advance(BEAT_MS * 1000), BEAT_MS);
  const dashboard = startDashboard({
    source: {
      events: log.latest,
      snapshot: () => ({ nowUs: player.positionUs, report: report(), capture: healthOf(watch, summary, file, player) }),
    },
    replay: player,
    color: outputStyle(options).color,
    ascii: options.ascii,
    bell: options.bell,
    showSecrets: options.showSecrets,
    interfaces: [],
  });
  await dashboard.done;
  clearInterval(beat);
  if (player.ended && summary.lastUs !== null) watch.analyzer.finish(summary.lastUs);
  process.stdout.write(`${reportText(report(), { ...outputStyle(options), vrids: options.vrids })}\n`);
  return 0;
}

function excuse(file: string, { startUs, endUs }: Player): string {
  const duration = formatDuration((endUs ?? startUs) - startUs);
  return `${file} is too large to be replayed as a whole: its first ${duration} are played; a report has all: vrrpwatch --pcap ${file}`;
}

/** The capture as far as it was played: what comes after was not judged. */
function played(summary: CaptureSummary, player: Player, tape: FrameTape): CaptureSummary {
  return player.ended && !tape.isFull
    ? summary
    : { ...summary, packets: player.played, lastUs: player.positionUs, error: null };
}

/** Reads the capture onto the tape. @returns what it was as far as that reached */
async function record(file: string, tape: FrameTape): Promise<CaptureSummary> {
  try {
    const summary = await readCaptureFile(file, mayConcernVrrp, tape);
    return tape.isFull ? { ...summary, lastUs: tape.lastUs } : summary;
  } catch (error) {
    if (error instanceof CaptureFileError) throw new UserError(error.message, error.hint);
    throw error;
  }
}

function healthOf(watch: Watch, summary: CaptureSummary, title: string, player: Player): CaptureHealth {
  const { adverts, routers } = watch.analyzer;
  const elapsedUs = player.positionUs - player.startUs;
  return {
    title,
    engine: null,
    filter: '',
    status: 'ok',
    detail: summary.error,
    packets: player.played,
    adverts,
    advertsPerSecond: elapsedUs > 0 ? (adverts * 1_000_000) / elapsedUs : 0,
    dropped: summary.dropped,
    lastAdvertUs: routers.length > 0 ? Math.max(...routers.map((router) => router.lastAdvertUs)) : null,
    startedUs: player.startUs,
  };
}
