package io.peerup.node.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.pairing.QuickCode;
import io.peerup.pairing.SafetyNumber;
import io.peerup.testkit.Vectors;
import io.peerup.testkit.VirtualClock;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Verified;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What marks a peer as verified without a connection, and what does not.
class MarksTest {

  private static final PeerId SELF = Ids.peer(1);
  private static final PeerId PEER = Ids.peer(2);
  private static final SafetyNumber NUMBER = SafetyNumber.of(SELF, PEER);

  @TempDir Path directory;

  private AuthorizedKeysFile keys;

  @BeforeEach
  void open() {
    keys = AuthorizedKeysFile.open(directory.resolve("authorized_keys"), new VirtualClock());
    keys.update(all -> all.with(AuthorizedPeer.of(PEER, "home")));
  }

  @AfterEach
  void close() {
    keys.close();
  }

  private boolean isMarked() {
    return Verified.holds(keys.current().find(PEER).orElseThrow(), SELF);
  }

  private void refused(String code, PeerId self, PeerId peer, String brought) {
    assertThatThrownBy(() -> Marks.confirm(keys, self, peer, brought))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).as(brought).isEqualTo(code));
  }

  @Test
  void sixtyDigitsMarkHoweverTheyAreGrouped() {
    for (String typed :
        List.of(
            NUMBER.digits(),
            String.join(" ", NUMBER.groups()),
            String.join("-\n", NUMBER.groups()))) {
      Marks.clear(keys, PEER);
      assertThat(isMarked()).isFalse();
      Marks.confirm(keys, SELF, PEER, typed);
      assertThat(keys.current().find(PEER).orElseThrow().verified().orElseThrow())
          .startsWith("safety-number:");
      assertThat(isMarked()).isTrue();
    }
  }

  @Test
  void theTextOfThePictureMarksAsScanned() {
    Marks.confirm(keys, SELF, PEER, SafetyNumber.of(PEER, SELF).scan());
    assertThat(keys.current().find(PEER).orElseThrow().verified().orElseThrow()).startsWith("qr:");
    assertThat(isMarked()).isTrue();
  }

  @Test
  void aNumberOrPictureOfAnotherPairIsAMismatchAndTakesTheMark() {
    SafetyNumber other = SafetyNumber.of(SELF, Ids.peer(3));
    for (String wrong : List.of(other.digits(), other.scan(), "0".repeat(60))) {
      Marks.confirm(keys, SELF, PEER, NUMBER.digits());
      refused("code-mismatch", SELF, PEER, wrong);
      assertThat(isMarked()).isFalse();
    }
  }

  @Test
  void whatIsShorterMarksNothing() {
    QuickCode quick = QuickCode.of(SELF, PEER);
    for (String brought :
        List.of(
            "",
            "yes",
            quick.digits(),
            quick.toString(),
            NUMBER.digits().substring(1),
            NUMBER.digits() + "0",
            "peerup:verify#",
            "peerup:verify#AAAA",
            "peerup:join#" + NUMBER.scan().substring(NUMBER.scan().indexOf('#') + 1))) {
      refused("bad-code", SELF, PEER, brought);
      assertThat(isMarked()).isFalse();
    }
  }

  @Test
  void onlyAnAuthorisedPeerIsMarked() {
    PeerId stranger = Ids.peer(3);
    refused("no-such-peer", SELF, stranger, SafetyNumber.of(SELF, stranger).digits());
    assertThat(keys.current().find(stranger)).isEmpty();
  }

  /// Two identities that make a short code over two ids the same on both screens: nothing of what
  /// one screen shows marks anybody at the other.
  @Test
  void thePairsThatCollideInAShortCodeVerifyNobody() {
    JsonObject vector = Vectors.json("pairing/static_sas_collision.json");
    PeerId a = id(vector, "a");
    PeerId m1 = id(vector, "m1");
    PeerId m2 = id(vector, "m2");
    PeerId b = id(vector, "b");
    keys.update(all -> all.with(AuthorizedPeer.of(m1, "bob")));
    String shown = vector.get("digits").getAsString();
    refused("bad-code", a, m1, shown);
    refused("code-mismatch", a, m1, SafetyNumber.of(m2, b).digits());
    refused("code-mismatch", a, m1, SafetyNumber.of(m2, b).scan());
    assertThat(Verified.holds(keys.current().find(m1).orElseThrow(), a)).isFalse();
  }

  private static PeerId id(JsonObject vector, String key) {
    return PeerId.fromBytes(HexFormat.of().parseHex(vector.get(key).getAsString()));
  }
}
