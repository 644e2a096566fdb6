package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class IntroTest {

  private final SeededRandom random = SeededRandom.of(IntroTest.class);
  private final GroupKey group = GroupKey.of(random.bytes(8), random.bytes(16));
  private final PrivateKey identity = Fixtures.identity(1);
  private final Intro intro = Intro.create(group, identity, "laptop", Fixtures.random(random));

  @Test
  void everyAlteredByteIsRefused() {
    byte[] encoded = intro.encoded();
    for (int i = 0; i < encoded.length; i++) {
      byte[] altered = encoded.clone();
      altered[i] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> Intro.decode(altered).verify(group))
          .as("byte " + i)
          .isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void memberOfAnotherGroupIsRefused() {
    GroupKey sameSelector = GroupKey.of(group.selector(), random.bytes(16));
    GroupKey sameKey = GroupKey.of(random.bytes(8), group.key());
    assertThatThrownBy(() -> intro.verify(sameSelector))
        .hasMessage("no member of the group made this introduction");
    assertThatThrownBy(() -> intro.verify(sameKey))
        .hasMessage("the introduction belongs to another group");
  }

  @Test
  void relayWithoutTheKeyCannotIntroduceAStranger() {
    // It knows the selector and has an identity of its own; what it lacks is the group's key.
    GroupKey guessed = GroupKey.of(group.selector(), new byte[16]);
    Intro forged = Intro.create(guessed, Fixtures.identity(66), "mallory", Fixtures.random(random));
    assertThatThrownBy(() -> Intro.decode(forged.encoded()).verify(group))
        .hasMessage("no member of the group made this introduction");
  }

  @Test
  void memberCannotIntroduceAnotherPeerUnderItsOwnSignature() {
    Intro other = Intro.create(group, Fixtures.identity(2), "other", Fixtures.random(random));
    byte[] body = intro.body();
    byte[] signature = other.signature();
    byte[] forged =
        new ByteWriter()
            .lengthPrefixed(body)
            .lengthPrefixed(signature)
            .lengthPrefixed(group.mac(body, signature))
            .toByteArray();
    assertThatThrownBy(() -> Intro.decode(forged))
        .hasMessage("the signature of an introduction is wrong");
  }

  @Test
  void nameOfOneMemberCannotBePutOnAnother() {
    Intro other = Intro.create(group, Fixtures.identity(2), "other", Fixtures.random(random));
    byte[] relabelled = body(intro.peer(), other.sealedName());
    assertThatThrownBy(() -> signed(relabelled).verify(group))
        .hasMessage("the name in the introduction cannot be opened");
  }

  @Test
  void deceptiveNamesAreRefusedEvenFromAMember() {
    for (String name :
        new String[] {"", "a\nb", "a\u202eb", "a\u0000b", " a", "-rf", "e\u0301", peerText()}) {
      assertThatThrownBy(() -> signed(body(intro.peer(), seal(name))).verify(group))
          .as(name)
          .isInstanceOf(MalformedInput.class);
      assertThatThrownBy(() -> Intro.create(group, identity, name, Fixtures.random(random)))
          .as(name)
          .isInstanceOf(MalformedInput.class);
    }
    assertThat(signed(body(intro.peer(), seal("fine"))).verify(group).name()).isEqualTo("fine");
    String longest = "é".repeat(32);
    assertThat(signed(body(intro.peer(), seal(longest))).verify(group).name()).isEqualTo(longest);
  }

  @Test
  void sealedNameDoesNotShowItsLength() {
    Intro longer = Intro.create(group, identity, "n".repeat(64), Fixtures.random(random));
    assertThat(longer.encoded()).hasSameSizeAs(intro.encoded());
  }

  @Test
  void keysThatMustNotBeIdentitiesAreRefused() {
    for (JsonElement key : Vectors.json("kex/ed25519_refuse.json").getAsJsonArray("public_keys")) {
      byte[] multihash = HexFormat.of().parseHex("002408011220" + key.getAsString());
      byte[] body =
          new ByteWriter()
              .lengthPrefixed("peerup-intro-v1".getBytes(StandardCharsets.UTF_8))
              .lengthPrefixed(group.selector())
              .lengthPrefixed(multihash)
              .lengthPrefixed(intro.sealedName())
              .toByteArray();
      byte[] universal = new byte[64];
      universal[0] = 1;
      byte[] encoded =
          new ByteWriter()
              .lengthPrefixed(body)
              .lengthPrefixed(universal)
              .lengthPrefixed(group.mac(body, universal))
              .toByteArray();
      assertThatThrownBy(() -> Intro.decode(encoded)).isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void toStringShowsNoName() {
    assertThat(intro.toString()).doesNotContain("laptop");
    assertThat(intro).isEqualTo(Intro.decode(intro.encoded())).hasSameHashCodeAs(intro);
  }

  private String peerText() {
    return intro.peer().toString();
  }

  private byte[] seal(String name) {
    byte[] nonce = random.bytes(24);
    byte[] padded = Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), 64);
    return new ByteWriter()
        .bytes(nonce)
        .bytes(Crypto.seal(group.nameKey(), nonce, intro.peer().bytes(), padded))
        .toByteArray();
  }

  private byte[] body(PeerId peer, byte[] sealedName) {
    return new ByteWriter()
        .lengthPrefixed("peerup-intro-v1".getBytes(StandardCharsets.UTF_8))
        .lengthPrefixed(group.selector())
        .lengthPrefixed(peer.bytes())
        .lengthPrefixed(sealedName)
        .toByteArray();
  }

  /// What a member that turned bad could make: rightly signed and MACed.
  private Intro signed(byte[] body) {
    byte[] signature =
        identity.sign(
            new ByteWriter()
                .bytes("peerup-intro-v1".getBytes(StandardCharsets.UTF_8))
                .u8(0)
                .bytes(body)
                .toByteArray());
    return Intro.decode(
        new ByteWriter()
            .lengthPrefixed(body)
            .lengthPrefixed(signature)
            .lengthPrefixed(group.mac(body, signature))
            .toByteArray());
  }
}
