package io.peerup.pairing;

import java.time.Duration;

/// Every limit of pairing, with its reason.
public final class Limits {

  /// A name fits a table column and a sealed name of fixed size.
  public static final int NAME_BYTES_MAX = 64;

  /// A DNS label (RFC 1035 section 2.3.4).
  public static final int NAMESPACE_CHARS_MAX = 63;

  /// A DNS name in text form (RFC 1035 section 2.3.4, less the length and root bytes).
  public static final int HOST_CHARS_MAX = 253;

  /// Far above the longest code (DNS name of 253 and namespace of 63 bytes make 566 symbols), so
  /// that a pasted file is refused before it is looked at.
  public static final int CODE_CHARS_MAX = 2048;

  /// Members of a group: a household or a small team. Also the number of codes of a group, because
  /// each code admits one member.
  public static final int MEMBERS_MAX = 64;

  /// Removed members a device remembers, so that the relay cannot bring them back. A group's whole
  /// membership replaced several times over.
  public static final int REMOVED_MAX = 1024;

  /// Groups of a relay that can still be joined. Each request is compared with this many selectors,
  /// known or not.
  public static final int OPEN_GROUPS_MAX = 64;

  /// Groups a relay remembers, joinable or not: their members still get introductions.
  public static final int GROUPS_MAX = 1024;

  /// Wrong tokens that burn a group. Three leave room for a slip and none for a search.
  public static final int FAILURES_MAX = 3;

  /// Counted failures from one source that lock it out, one before it could burn a group alone.
  public static final int FAILURES_PER_SOURCE_MAX = 2;

  /// The longest time codes may stay usable; an open group is an open door.
  public static final Duration TTL_MAX = Duration.ofDays(30);

  /// The longest limited authorisation; whoever wants more wants one without end.
  public static final Duration AUTHORISATION_MAX = Duration.ofDays(3650);

  /// Strangers connected at the same time.
  public static final int PROBATION_MAX = 10;

  /// Strangers connected at the same time from one source (IPv4 address or IPv6 /56).
  public static final int PROBATION_PER_SOURCE_MAX = 2;

  /// A stranger's whole stay.
  public static final Duration PROBATION_TIME = Duration.ofSeconds(15);

  /// A stranger's time to say the first thing.
  public static final Duration FIRST_FRAME_TIME = Duration.ofSeconds(3);

  /// How much longer a stranger may stay for its circuit to a member: a pairing through it, with
  /// the wait for another one's turn and a bad line.
  public static final Duration CIRCUIT_VISIT_TIME = Duration.ofSeconds(60);

  /// Largest request or notice frame.
  public static final int FRAME_BYTES_MAX = 4096;

  /// Largest introduction: 269 bytes with Ed25519, 278 with the longest secp256k1 signature.
  public static final int INTRO_BYTES_MAX = 400;

  /// Largest answer frame: [#MEMBERS_MAX] introductions of [#INTRO_BYTES_MAX] and their lengths.
  public static final int ANSWER_BYTES_MAX = 32 * 1024;

  /// Uniform answers leave at the next tick of this grid…
  public static final Duration ANSWER_TICK = Duration.ofMillis(50);

  /// …that is at least this long after the request came.
  public static final Duration ANSWER_DELAY_MIN = Duration.ofMillis(100);

  /// The longest selector of a code: 16 random bytes of a full code.
  public static final int SELECTOR_BYTES_MAX = 16;

  /// The longest signature of an identity: RSA of 8192 bits.
  public static final int SIGNATURE_BYTES_MAX = 1024;

  /// What two devices tell each other: fits a frame with the proofs beside it, RSA signatures too.
  public static final int CARD_BYTES_MAX = 2560;

  /// Addresses, and relays, that a card names.
  public static final int CARD_ADDRESSES_MAX = 16;

  /// A capability to leave messages with somebody; opaque here.
  public static final int CAPABILITY_BYTES_MAX = 512;

  /// Relays that a pasted code or link names.
  public static final int CODE_RELAYS_MAX = 4;

  /// An address in a pasted code: a DNS name of [#HOST_CHARS_MAX] and a peer id.
  public static final int MULTIADDR_BYTES_MAX = 400;

  /// An invite link, before anything between sender and receiver made it longer.
  public static final int URL_CHARS_MAX = 4096;

  /// Four times [#URL_CHARS_MAX]: percent-encoding may have tripled a link, a mail wrapped it.
  public static final int PASTED_CHARS_MAX = 16_384;

  /// The longest time an invite link may be open.
  public static final Duration URL_TTL_MAX = Duration.ofDays(30);

  /// Devices that one invite link may admit.
  public static final int URL_USES_MAX = 16;

  /// What fits a mailbox: a drop or its acknowledgement.
  public static final int DROP_BYTES_MAX = 4096;

  /// Invite links that a device remembers.
  public static final int URL_INVITES_MAX = 64;

  /// The last second of the year 9999, which a calendar (and RFC 3339) can still write.
  public static final long EPOCH_SECOND_MAX = 253_402_300_799L;

  /// An invite must live long enough to be read out…
  public static final Duration INVITE_TTL_MIN = Duration.ofMinutes(1);

  /// …and not so long that somebody can wait for it to be forgotten.
  public static final Duration INVITE_TTL_MAX = Duration.ofHours(1);

  /// How long an invite is shown after its end.
  public static final Duration INVITE_MEMORY = Duration.ofDays(1);

  /// Invites of one device that can be joined at the same time.
  public static final int OPEN_INVITES_MAX = 5;

  /// Invites that a device remembers.
  public static final int INVITES_MAX = 64;

  /// Runs that may be broken off while they hold an invite. They say nothing about the code, but
  /// nobody honest needs this many.
  public static final int LOST_RUNS_MAX = 20;

  /// Runs that wait for an invite that another run holds.
  public static final int WAITING_RUNS_MAX = 3;

  /// How long a run may wait for an invite.
  public static final Duration WAIT_TIME = Duration.ofSeconds(10);

  /// How long a run may hold an invite: one round trip and one signature.
  public static final Duration HOLD_TIME = Duration.ofSeconds(5);

  /// An inviter's whole run.
  public static final Duration RUN_TIME = Duration.ofSeconds(15);

  /// An inviter's wait for a frame.
  public static final Duration RUN_FRAME_TIME = Duration.ofSeconds(5);

  /// A failed run ends this long after its first frame, whatever the cause.
  public static final Duration FAILURE_DELAY = Duration.ofSeconds(2);

  /// Runs of one source within [#RUN_RATE_WINDOW].
  public static final int RUNS_PER_SOURCE_MAX = 5;

  /// See [#RUNS_PER_SOURCE_MAX].
  public static final Duration RUN_RATE_WINDOW = Duration.ofSeconds(1);

  /// A joiner's whole run; it may have to wait for another one.
  public static final Duration JOIN_TIME = Duration.ofSeconds(30);

  /// A joiner's wait for a frame.
  public static final Duration JOIN_FRAME_TIME = Duration.ofSeconds(10);

  /// Guesses that a joiner lets the other end of a stream check, for one code within
  /// [#ATTEMPT_WINDOW]; also live verifications with one peer. A relay that answers in the
  /// inviter's place gets no more.
  public static final int ATTEMPTS_MAX = 3;

  /// See [#ATTEMPTS_MAX].
  public static final Duration ATTEMPT_WINDOW = Duration.ofHours(1);

  /// A verification's wait for a frame that no person has to think about.
  public static final Duration VERIFY_FRAME_TIME = Duration.ofSeconds(10);

  /// Two people's time to compare a code; they may have to find their phone first.
  public static final Duration COMPARE_TIME = Duration.ofMinutes(5);

  /// Codes and peers whose attempts are remembered at the same time.
  public static final int ATTEMPT_KEYS_MAX = 256;

  private Limits() {}
}
