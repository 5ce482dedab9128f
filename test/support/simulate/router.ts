import type { AdvertMessage } from './message.ts';
import { type Rejection, type ReplayWindow, rejection } from './rejection.ts';
import type { RouterHost } from './router-host.ts';
import { compareAddresses, isKeepalived, type RouterSettings, skewTimeUs } from './settings.ts';
import { GARP_REPEAT, Speaker } from './speaker.ts';

export type RouterState = 'stopped' | 'backup' | 'master' | 'fault';

/** One VRRP router: the state machine of RFC 3768 and RFC 9568 6.4, with keepalived's deviations. */
export class Router {
  settings: RouterSettings;
  state: RouterState = 'stopped';
  readonly #host: RouterHost;
  readonly #speaker: Speaker;
  readonly #replay: ReplayWindow = { highestSequence: 0 };
  /** Effective priority: tracking changes it, and an owner that meets another owner. */
  #priority = 0;
  #masterIntervalUs = 0;
  /** End of `preempt_delay`, null before the first lower advertisement. */
  #preemptAtUs: number | null = null;
  #otherOwner: { count: number; sinceUs: number } | null = null;
  /** Whoever holds an old number is a timer of the past. */
  #timer = 0;
  #life = 0;

  constructor(settings: RouterSettings, host: RouterHost) {
    this.settings = settings;
    this.#host = host;
    this.#speaker = new Speaker(host, this.#replay);
  }

  start(): void {
    if (this.state !== 'stopped') return;
    this.#life++;
    this.#speaker.restartCount();
    this.#replay.highestSequence = 0;
    this.#priority = this.settings.priority;
    this.#otherOwner = null;
    const startupUs = isKeepalived(this.settings.flavour) ? this.#host.random.between(8_000, 20_000) : 0;
    this.#later(startupUs, () => this.#begin());
  }

  /** Orderly end: a master resigns, a backup says nothing. */
  stop(): void {
    if (this.state === 'master') this.#advertise(0);
    this.kill();
  }

  kill(): void {
    this.#life++;
    this.#disarm();
    this.#become('stopped');
  }

  /** A tracked script or interface failed: keepalived resigns twice. */
  fail(): void {
    if (this.state === 'stopped' || this.state === 'fault') return;
    if (this.state === 'master') {
      this.#advertise(0);
      if (isKeepalived(this.settings.flavour)) this.#later(100, () => this.#advertise(0));
    }
    this.#disarm();
    this.#become('fault');
  }

  /** The interface has lost its link: nothing can be sent any more. */
  loseLink(): void {
    if (this.state === 'stopped') return;
    this.#disarm();
    this.#become('fault');
  }

  recover(): void {
    if (this.state === 'fault') this.#begin();
  }

  /** keepalived advertises once with the old and once with the new settings, and counts its IP ids anew. */
  reload(changes: Partial<RouterSettings>): void {
    if (this.state === 'stopped') return;
    const apply = () => {
      this.settings = { ...this.settings, ...changes };
      this.#priority = this.settings.priority;
      this.#host.holdingChanged();
    };
    if (!isKeepalived(this.settings.flavour)) {
      apply();
      return;
    }
    if (this.state === 'master') this.#advertise(this.#priority);
    this.#later(this.#host.random.between(2_000, 7_000), () => {
      apply();
      this.#speaker.restartCount();
      if (this.state === 'master') this.#advertiseAndArm();
      else if (this.state === 'backup') this.#armDown(this.#masterDownUs());
    });
  }

  /** An owner's priority never changes; that of others stays within 1 to 254. */
  setPriority(priority: number): void {
    if (this.settings.priority !== 255) this.#priority = Math.min(254, Math.max(1, priority));
  }

  receive(advert: AdvertMessage): void {
    if (this.state !== 'backup' && this.state !== 'master') return;
    if (advert.vrid !== this.settings.vrid) return;
    const reason = rejection(this.settings, advert, this.#replay);
    if (reason?.startsWith('unheard')) return;
    if (this.state === 'backup') {
      if (reason === null) this.#receiveAsBackup(advert);
    } else if (isKeepalived(this.settings.flavour)) this.#receiveAsKeepalivedMaster(advert, reason);
    else if (reason === null) this.#receiveAsRfcMaster(advert);
  }

  #begin(): void {
    this.#masterIntervalUs = this.settings.intervalUs;
    this.#preemptAtUs = null;
    this.#become('backup');
    if (this.#priority === 255) this.#becomeMaster();
    else this.#armDown(this.#masterDownUs());
  }

  #receiveAsBackup(advert: AdvertMessage): void {
    if (this.#isDeafOwner()) return;
    if (advert.priority === 0) {
      this.#armDown(this.#skewUs());
      return;
    }
    const lower = advert.priority < this.#priority;
    if (lower && this.settings.preempt && !this.#delaysPreemption()) return;
    if (!lower) this.#preemptAtUs = null;
    if (this.settings.version === 3) this.#masterIntervalUs = advert.intervalUs;
    this.#armDown(this.#masterDownUs());
  }

  /** While `preempt_delay` runs, counted from the first lower advertisement, such advertisements keep a router backup. */
  #delaysPreemption(): boolean {
    if (this.settings.preemptDelayUs === 0) return false;
    this.#preemptAtUs ??= this.#host.nowUs + this.settings.preemptDelayUs;
    return this.#host.nowUs < this.#preemptAtUs;
  }

  #receiveAsKeepalivedMaster(advert: AdvertMessage, reason: Rejection | null): void {
    const answers = !this.settings.lowerPrioNoAdvert && !this.settings.strict;
    if (reason !== null) {
      // vrrp_dispatcher_read re-arms the timer after each advertisement read, even one that it threw away.
      // It logs the rejection first, which takes longer than the sender needs.
      if (answers) this.#armAdvert(this.#host.random.between(150, 350));
      return;
    }
    if (advert.priority === 255 && this.#priority === 255 && this.#yieldsToOtherOwner(advert)) this.#priority = 254;
    if (advert.priority === 0) this.#answer(0);
    else if (this.#isOutrankedBy(advert)) {
      if (this.settings.higherPrioSendAdvert) this.#advertise(this.#priority);
      this.#yield(advert);
    } else if (advert.priority === this.#priority && advert.source === this.settings.source) this.#armAdvert();
    else if (answers) this.#answer(GARP_REPEAT);
  }

  #receiveAsRfcMaster(advert: AdvertMessage): void {
    if (this.#isDeafOwner()) return;
    if (advert.priority === 0) this.#answer(0);
    else if (this.#isOutrankedBy(advert)) this.#yield(advert);
    else if (this.settings.flavour === 'rfc-9568') this.#answer(0);
  }

  /** Up to RFC 5798, and in FRR, the owner discards what others advertise (7.1). */
  #isDeafOwner(): boolean {
    const { flavour } = this.settings;
    return this.#priority === 255 && (flavour === 'frr' || flavour === 'rfc-3768' || flavour === 'rfc-5798');
  }

  /** keepalived up to 2.3.2 yields at once; later ones let the lower address go first and wait for two and 1.2 intervals. */
  #yieldsToOtherOwner(advert: AdvertMessage): boolean {
    if (this.settings.flavour === 'keepalived') return true;
    if (compareAddresses(this.settings.source, advert.source) < 0) return true;
    this.#otherOwner ??= { count: 0, sinceUs: this.#host.nowUs };
    this.#otherOwner.count++;
    return this.#otherOwner.count > 2 && this.#host.nowUs - this.#otherOwner.sinceUs > 1.2 * this.settings.intervalUs;
  }

  #isOutrankedBy(advert: AdvertMessage): boolean {
    if (advert.priority !== this.#priority) return advert.priority > this.#priority;
    return compareAddresses(advert.source, this.settings.source) > 0;
  }

  #yield(advert: AdvertMessage): void {
    if (this.settings.version === 3) this.#masterIntervalUs = advert.intervalUs;
    this.#preemptAtUs = null;
    this.#become('backup');
    this.#armDown(this.#masterDownUs());
  }

  #answer(garps: number): void {
    const { random } = this.#host;
    const slow = this.settings.loaded || random.chance(0.05);
    const life = this.#life;
    this.#armAdvert();
    this.#host.schedule(this.#host.nowUs + random.between(200, slow ? 15_000 : 1_500), () => {
      if (life !== this.#life || this.state !== 'master') return;
      this.#advertiseAndArm();
      this.#claimAddresses(garps);
    });
  }

  #becomeMaster(): void {
    this.#become('master');
    this.#masterIntervalUs = this.settings.intervalUs;
    this.#advertiseAndArm();
    this.#claimAddresses(isKeepalived(this.settings.flavour) ? GARP_REPEAT : 1);
  }

  #advertiseAndArm(): void {
    this.#advertise(this.#priority);
    this.#armAdvert();
  }

  #advertise(priority: number): void {
    this.#speaker.advertise(this.settings, priority);
  }

  #claimAddresses(count: number): void {
    const life = this.#life;
    this.#speaker.claimAddresses(this.settings, count, () => life === this.#life && this.state === 'master');
  }

  #skewUs(): number {
    return skewTimeUs(this.settings.version, this.#masterIntervalUs, this.#priority);
  }

  /** RFC 3768 and RFC 9568 6.1; the number of intervals is keepalived's `down_timer_adverts`. */
  #masterDownUs(): number {
    return this.settings.downTimerAdverts * this.#masterIntervalUs + this.#skewUs();
  }

  #armDown(delayUs: number): void {
    this.#arm(delayUs + this.#host.random.between(200, this.settings.loaded ? 15_000 : 2_500), () => {
      this.#becomeMaster();
    });
  }

  #armAdvert(workUs = 0): void {
    this.#arm(this.settings.intervalUs + workUs + this.#lateUs(), () => this.#advertiseAndArm());
  }

  /** Measured with an idle keepalived: 0.1 to 0.8 ms, median 0.24; on a loaded machine up to 15 ms. */
  #lateUs(): number {
    const { random } = this.#host;
    if (this.settings.loaded) return random.between(100, 15_000);
    return random.chance(0.07) ? random.between(360, 800) : random.between(120, 360);
  }

  #arm(delayUs: number, fire: () => void): void {
    const timer = ++this.#timer;
    this.#host.schedule(this.#host.nowUs + delayUs, () => {
      if (timer === this.#timer) fire();
    });
  }

  #disarm(): void {
    this.#timer++;
  }

  #later(delayUs: number, action: () => void): void {
    const life = this.#life;
    this.#host.schedule(this.#host.nowUs + delayUs, () => {
      if (life === this.#life) action();
    });
  }

  #become(state: RouterState): void {
    if (this.state === state) return;
    this.state = state;
    if (state !== 'master') this.#speaker.fallSilent();
    this.#host.holdingChanged();
  }
}
