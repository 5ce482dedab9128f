import { type Advertisement, CHECKSUM, DEFECT } from '../decoder/advertisement.ts';
import { describeShortness } from '../decoder/malformed.ts';
import type { Advertiser } from './advertiser.ts';
import type { FindingBook } from './finding-book.ts';

/** Reports what makes receivers discard an advertisement, whatever their own settings are. */
export function reportDefects(
  findings: FindingBook,
  sender: Advertiser,
  advertisement: Advertisement,
  atUs: number,
): void {
  if (advertisement.checksumStyle === CHECKSUM.bad && !findings.countAgain('bad-checksum')) {
    findings.add(
      'bad-checksum',
      'warning',
      atUs,
      `the checksum of advertisements of ${sender.source} is wrong; routers discard them`,
    );
  }
  if (advertisement.multicast && advertisement.defects & DEFECT.ttl && !findings.countAgain('unsafe-ttl')) {
    findings.add(
      'unsafe-ttl',
      'warning',
      atUs,
      `${sender.source} sends with TTL ${advertisement.ttl}; routers discard multicast advertisements unless it is 255`,
    );
  }
  if (advertisement.defects & (DEFECT.length | DEFECT.noAuthData) && !findings.countAgain('malformed-advert')) {
    findings.add(
      'malformed-advert',
      'warning',
      atUs,
      `an advertisement of ${sender.source} is too short: ${describeShortness(advertisement)}; routers discard it`,
    );
  }
}
