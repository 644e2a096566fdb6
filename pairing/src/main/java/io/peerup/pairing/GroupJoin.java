package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.pairing.PairMessages.PairRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The joiner's side of group pairing, from a code to a verified list of members. A machine: the
/// node dials [GroupCode#relay] expecting [GroupCode#pins], opens the pairing protocol, sends
/// [#request], and hands the answer to [#finish].
public final class GroupJoin {

  private final GroupCode code;
  private final PeerId self;
  private final String name;
  private final GroupSecrets secrets;
  private final byte[] request;

  /// Prepares a join under `name`. Throws [MalformedInput] if the name is not allowed or the
  /// identity cannot be used in groups.
  public GroupJoin(GroupCode code, PrivateKey identity, String name, KeyRandom random) {
    this.code = code;
    this.self = PeerId.of(identity.publicKey());
    this.name = Names.check(name);
    this.secrets = code.secrets();
    Intro intro = Intro.create(secrets.groupKey(), identity, name, random);
    this.request =
        PairMessages.encode(new PairRequest(secrets.selector(), secrets.token(), intro.encoded()));
  }

  /// What a join came to.
  public sealed interface Result {

    /// We are in.
    ///
    /// @param membership to be kept
    /// @param members the other members that the group vouches for
    /// @param names a unique name for each member and for ourselves
    /// @param authExpires when the authorisation of all ends, or empty for never
    /// @param warnings one sentence for each introduction that was dropped: show them
    record Joined(
        GroupMembership membership,
        Set<PeerId> members,
        Map<PeerId, String> names,
        Optional<Instant> authExpires,
        List<String> warnings)
        implements Result {
      public Joined {
        warnings = List.copyOf(warnings);
      }
    }

    /// The relay said no, without a reason: a wrong, used, expired or burned code, or a group that
    /// is no more.
    record Failed() implements Result {}
  }

  /// The request frame's body; the same bytes each time, so that a lost answer can be asked for
  /// again.
  public byte[] request() {
    return request.clone();
  }

  /// Checks the answer frame's body, received from the relay `relayId`. Introductions that the
  /// group does not vouch for are dropped with a warning. Throws [MalformedInput] if the relay is
  /// not the one in the code or the answer cannot be read.
  public Result finish(PeerId relayId, byte[] answer) {
    if (!code.pins(relayId)) {
      throw new MalformedInput(
          "the relay at this address is not the one in the code",
          "ask the relay's owner for a new code");
    }
    return switch (PairMessages.decodeAnswer(answer)) {
      case PairMessages.Failed _ -> new Result.Failed();
      case PairMessages.Admitted admitted -> joined(relayId, admitted);
    };
  }

  private Result joined(PeerId relayId, PairMessages.Admitted admitted) {
    GroupMembership membership =
        new GroupMembership(
            secrets.groupKey(),
            self,
            name,
            relayId,
            code.relay().multiaddr(),
            code.namespace().orElse(""),
            admitted.authExpires());
    List<String> warnings = new ArrayList<>();
    for (byte[] intro : admitted.intros()) {
      if (membership.accept(intro) instanceof IntroResult.Rejected rejected
          && !rejected.harmless()) {
        warnings.add(
            "dropped an introduction from the relay: %s; the relay is lying or broken"
                .formatted(rejected.reason()));
      }
    }
    return new Result.Joined(
        membership, membership.members(), membership.names(), admitted.authExpires(), warnings);
  }
}
