package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.peerup.libp2p.wire.Base32;
import io.peerup.libp2p.wire.Radix;
import io.peerup.testkit.SeededRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerIdTest {

  private static final PeerId ID =
      PeerId.parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");

  private static final PeerId HASHED =
      PeerId.parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");

  private final SeededRandom random = SeededRandom.of(PeerIdTest.class);

  @Test
  void idOfASmallKeyContainsItAndIdOfALargeOneDoesNot() {
    assertThat(ID.inlineKey().orElseThrow().type()).isEqualTo(KeyType.ED25519);
    assertThat(PeerId.of(ID.inlineKey().orElseThrow())).isEqualTo(ID);
    assertThat(HASHED.inlineKey()).isEmpty();
    assertThat(ID.matches(ID.inlineKey().orElseThrow())).isTrue();
    assertThat(HASHED.matches(ID.inlineKey().orElseThrow())).isFalse();
  }

  @Test
  void everyIdComesBackFromAllItsForms() {
    for (int i = 0; i < 100; i++) {
      PeerId id = PrivateKey.generate(random::nextBytes).peerId();
      byte[] cid = HexFormat.of().parseHex("0172" + HexFormat.of().formatHex(id.bytes()));
      assertThat(id.toString()).startsWith("12D3KooW").hasSize(52);
      assertThat(PeerId.parse(id.toString())).isEqualTo(id).hasSameHashCodeAs(id);
      assertThat(PeerId.parse("b" + Base32.encode(cid))).isEqualTo(id);
      assertThat(PeerId.parse("k" + Radix.BASE36.encode(cid))).isEqualTo(id);
      assertThat(PeerId.parse("z" + Radix.BASE58.encode(cid))).isEqualTo(id);
      assertThat(PeerId.fromBytes(id.bytes())).isEqualTo(id).isEqualByComparingTo(id);
    }
  }

  @Test
  void base36TextsOfIdsStartAsThePublicOnesDo() {
    byte[] cid = HexFormat.of().parseHex("0172" + HexFormat.of().formatHex(ID.bytes()));
    assertThat("k" + Radix.BASE36.encode(cid)).startsWith("k51");
    byte[] hashed = HexFormat.of().parseHex("0172" + HexFormat.of().formatHex(HASHED.bytes()));
    assertThat("k" + Radix.BASE36.encode(hashed)).startsWith("k2k4");
  }

  @Test
  void shortFormIsTheFirst16LettersAndAnEllipsis() {
    assertThat(ID.shortForm()).isEqualTo("12D3KooWBtg3aaRM…");
  }

  @Test
  void idsAreOrderedByUnsignedBytes() {
    PeerId low = PeerId.fromBytes(sha256Id((byte) 0x7f));
    PeerId high = PeerId.fromBytes(sha256Id((byte) 0x80));
    assertThat(low).isLessThan(high);
    assertThat(ID).isLessThan(low);
  }

  @Test
  void aMebibyteOfTextIsRefusedBeforeAnyWork() {
    String huge = "1".repeat(1 << 20);
    assertTimeout(
        Duration.ofMillis(500), () -> assertRefused(() -> PeerId.parse(huge), "at most 128"));
    assertRefused(() -> PeerId.parse("1" + "z".repeat(128)), "at most 128");
    // One letter shorter is read, and refused for what it says.
    assertThatThrownBy(() -> PeerId.parse("1" + "z".repeat(127)))
        .isInstanceOf(MalformedInput.class)
        .hasMessageNotContaining("at most 128");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1",
        "Qm",
        "peer",
        "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p", // cut
        "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq ",
        "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p0", // not a letter of base58
        "112D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq",
        "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt", // cut
        "BAFZAAJAIAEJCAHWR5D5OFRFBIS4L5D6UWR57HU5TJODRYPFM6YAQ6DSC2R2PZYT6",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", // a CID of dag-pb
        "xyz"
      })
  void otherTextIsRefused(String text) {
    assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(MalformedInput.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "0000", // no key inside
        "0024", // cut
        "1220", // cut
        "1214" + "0000000000000000000000000000000000000000", // SHA-256 cut to 20 bytes
        "1114" + "0000000000000000000000000000000000000000", // SHA-1
        "9200" + "20", // function not minimal
        "002408011220" // key cut
      })
  void otherMultihashesAreRefused(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThatThrownBy(() -> PeerId.fromBytes(bytes)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void bytesBehindTheMultihashAreRefused() {
    byte[] longer = Arrays.copyOf(ID.bytes(), 39);
    assertRefused(() -> PeerId.fromBytes(longer), "behind the end");
    byte[] hashedLonger = Arrays.copyOf(HASHED.bytes(), 35);
    assertRefused(() -> PeerId.fromBytes(hashedLonger), "behind the end");
  }

  @Test
  void aLargeKeyIsNotTakenInline() {
    // A key of more than 42 bytes must be hashed: inline it would be a second id of the same key.
    byte[] ecdsa =
        HexFormat.of()
            .parseHex(
                "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                    + "de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda020e"
                    + "8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62");
    assertThat(PeerId.of(PublicKey.decode(ecdsa)).inlineKey()).isEmpty();
    byte[] inline = HexFormat.of().parseHex("005f" + HexFormat.of().formatHex(ecdsa));
    assertThatThrownBy(() -> PeerId.fromBytes(inline)).isInstanceOf(MalformedInput.class);
  }

  private static byte[] sha256Id(byte first) {
    byte[] out = new byte[34];
    out[0] = 0x12;
    out[1] = 32;
    out[2] = first;
    return out;
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(MalformedInput.class).hasMessageContaining(why);
  }
}
