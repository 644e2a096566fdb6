package io.peerup.relay.circuit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.SignedEnvelope;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.relay.circuit.TestPeers;
import io.peerup.testkit.Vectors;
import io.peerup.testkit.WeakKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {

  private static final Instant EXPIRES = Instant.ofEpochSecond(2_000_000_000L);
  private static final CircuitLimit TWO_MINUTES = new CircuitLimit(Duration.ofMinutes(2), 131_072);

  private static JsonObject vectors() {
    return Vectors.json("libp2p/js-generated.json");
  }

  private static String relayVector(String name) {
    return vectors().getAsJsonObject("relay").get(name).getAsString();
  }

  private static PeerId peer(String key) {
    return PeerId.parse(vectors().getAsJsonObject(key).get("peerId").getAsString());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @Test
  void requestsHaveTheBytesThatJsMakes() {
    assertThat(hex(HopCodec.encode(new HopMessage.Reserve())))
        .isEqualTo(relayVector("reserveRequest"));
    assertThat(hex(HopCodec.encode(new HopMessage.Connect(peer("keyB")))))
        .isEqualTo(relayVector("connectRequestToB"));
    assertThat(hex(StopCodec.encode(new StopMessage.Connect(peer("keyA"), Optional.of(limit())))))
        .isEqualTo(relayVector("stopConnectFromA"));
  }

  private static CircuitLimit limit() {
    StopMessage.Connect connect =
        (StopMessage.Connect) StopCodec.decode(bytes(relayVector("stopConnectFromA")));
    return connect.limit().orElseThrow();
  }

  @Test
  void answersHaveTheBytesThatJsMakes() {
    assertThat(hex(HopCodec.encode(HopMessage.Status.of(RelayStatus.NO_RESERVATION))))
        .isEqualTo(relayVector("connectNoReservation"));
    assertThat(hex(StopCodec.encode(StopMessage.Status.of(RelayStatus.OK))))
        .isEqualTo(relayVector("stopOk"));
  }

  @Test
  void aGrantIsReadAndWrittenAsJsMakesIt() {
    byte[] js = bytes(relayVector("reserveOk"));
    HopMessage.Status status = (HopMessage.Status) HopCodec.decode(js);
    ReservationGrant grant = status.reservation().orElseThrow();
    assertThat(status.isOk()).isTrue();
    assertThat(grant.expires()).isEqualTo(EXPIRES);
    assertThat(grant.addresses())
        .containsExactly(Multiaddr.parse("/ip4/192.0.2.1/tcp/4001/p2p/" + peer("keyA")));
    assertThat(hex(grant.voucher().orElseThrow().bytes()))
        .isEqualTo(vectors().getAsJsonObject("relayVoucherEnvelope").get("envelope").getAsString());
    assertThat(status.limit()).contains(TWO_MINUTES);
    assertThat(hex(HopCodec.encode(status))).isEqualTo(hex(js));
  }

  @Test
  void aVoucherHasTheBytesAndTheSignatureThatJsMakes() {
    JsonObject vector = vectors().getAsJsonObject("relayVoucherEnvelope");
    Voucher voucher = new Voucher(peer("keyA"), peer("keyB"), EXPIRES);
    assertThat(hex(voucher.encode())).isEqualTo(vector.get("payload").getAsString());
    assertThat(hex(Voucher.payloadType())).isEqualTo(vector.get("payloadType").getAsString());
    assertThat(Voucher.DOMAIN).isEqualTo(vector.get("domain").getAsString());

    PrivateKey keyA =
        PrivateKey.decode(
            bytes(vectors().getAsJsonObject("keyA").get("privateKeyPb").getAsString()));
    SignedEnvelope sealed =
        SignedEnvelope.seal(keyA, Voucher.DOMAIN, Voucher.payloadType(), voucher.encode());
    assertThat(hex(sealed.encoded())).isEqualTo(vector.get("envelope").getAsString());
    assertThat(Voucher.decode(voucher.encode())).isEqualTo(voucher);
  }

  @Test
  void whatWeWriteWeReadAgain() {
    List<HopMessage> hops =
        List.of(
            new HopMessage.Reserve(),
            new HopMessage.Connect(TestPeers.peer(1)),
            HopMessage.Status.of(RelayStatus.PERMISSION_DENIED),
            new HopMessage.Status(100, Optional.empty(), Optional.of(TWO_MINUTES)),
            new HopMessage.Status(
                100,
                Optional.of(new ReservationGrant(EXPIRES, List.of(), Optional.empty())),
                Optional.empty()),
            new HopMessage.Status(777, Optional.empty(), Optional.empty()));
    for (HopMessage hop : hops) {
      assertThat(HopCodec.decode(HopCodec.encode(hop))).isEqualTo(hop);
    }
    List<StopMessage> stops =
        List.of(
            new StopMessage.Connect(TestPeers.peer(2), Optional.empty()),
            new StopMessage.Connect(TestPeers.peer(2), Optional.of(TWO_MINUTES)),
            StopMessage.Status.of(RelayStatus.CONNECTION_FAILED));
    for (StopMessage stop : stops) {
      assertThat(StopCodec.decode(StopCodec.encode(stop))).isEqualTo(stop);
    }
  }

  @Test
  void theTypeIsOnTheWireEvenWhereItIsZero() {
    assertThat(hex(HopCodec.encode(new HopMessage.Reserve()))).isEqualTo("0800");
    assertThat(hex(StopCodec.encode(new StopMessage.Connect(TestPeers.peer(1), Optional.empty()))))
        .startsWith("0800");
  }

  @ParameterizedTest
  @MethodSource("io.peerup.testkit.WeakKeys#names")
  void aKeyForWhichAnybodyCanSignIsRefusedInEveryMessage(String name) {
    byte[] key = TestPeers.key(1).publicKey().data();
    byte[] weak = WeakKeys.named(name);
    byte[] connect = HopCodec.encode(new HopMessage.Connect(TestPeers.peer(1)));
    byte[] voucher = new Voucher(TestPeers.peer(2), TestPeers.peer(1), EXPIRES).encode();
    HopCodec.decode(connect);
    Voucher.decode(voucher);
    assertThatThrownBy(() -> HopCodec.decode(WeakKeys.instead(connect, key, weak)))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining(WeakKeys.REFUSAL);
    assertThatThrownBy(() -> Voucher.decode(WeakKeys.instead(voucher, key, weak)))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining(WeakKeys.REFUSAL);
  }

  @Test
  void aMessageWithoutTypeIsRefused() {
    assertThatThrownBy(() -> HopCodec.decode(new byte[0])).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> StopCodec.decode(new byte[0])).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> HopCodec.decode(bytes("286400"))).isInstanceOf(MalformedInput.class);
  }

  @Test
  void aMessageOfUnknownTypeIsRefused() {
    assertThatThrownBy(() -> HopCodec.decode(bytes("0803"))).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> StopCodec.decode(bytes("0802"))).isInstanceOf(MalformedInput.class);
  }

  @Test
  void aConnectWithoutPeerAndAStatusWithoutStatusAreRefused() {
    assertThatThrownBy(() -> HopCodec.decode(bytes("0801"))).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> HopCodec.decode(bytes("08011200"))).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> HopCodec.decode(bytes("0802"))).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> StopCodec.decode(bytes("0800"))).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> StopCodec.decode(bytes("0801"))).isInstanceOf(MalformedInput.class);
  }

  @Test
  void unknownFieldsAreSkipped() {
    byte[] padded = new ProtoWriter().uint(1, 0).string(99, "from the future").toByteArray();
    assertThat(HopCodec.decode(padded)).isEqualTo(new HopMessage.Reserve());
  }

  @Test
  void aBrokenExpiryIsRefusedAndAHugeLimitIsOnlyHuge() {
    for (long expire : new long[] {-1, -2, 253_402_300_800L, Long.MAX_VALUE, Long.MIN_VALUE}) {
      byte[] message =
          new ProtoWriter()
              .uint(1, 2)
              .message(3, new ProtoWriter().uint(1, expire))
              .uint(5, 100)
              .toByteArray();
      assertThatThrownBy(() -> HopCodec.decode(message)).isInstanceOf(MalformedInput.class);
    }
    byte[] huge =
        new ProtoWriter()
            .uint(1, 2)
            .message(4, new ProtoWriter().uint(1, 0xffff_ffff_ffffL).uint(2, -1))
            .uint(5, 100)
            .toByteArray();
    HopMessage.Status status = (HopMessage.Status) HopCodec.decode(huge);
    assertThat(status.limit())
        .contains(new CircuitLimit(Duration.ofSeconds(0xffff_ffffL), Long.MAX_VALUE));
  }

  @Test
  void jsMillisecondsAreTakenAsAVeryLongLimit() {
    byte[] message =
        new ProtoWriter()
            .uint(1, 2)
            .message(4, new ProtoWriter().uint(1, 120_000).uint(2, 131_072))
            .uint(5, 100)
            .toByteArray();
    HopMessage.Status status = (HopMessage.Status) HopCodec.decode(message);
    assertThat(status.limit().orElseThrow().limited()).isTrue();
  }

  @Test
  void aLimitOfZeroIsNoLimit() {
    byte[] message =
        new ProtoWriter()
            .uint(1, 2)
            .message(4, new ProtoWriter().uint(1, 0).uint(2, 0))
            .uint(5, 100)
            .toByteArray();
    HopMessage.Status status = (HopMessage.Status) HopCodec.decode(message);
    assertThat(status.limit().orElseThrow().limited()).isFalse();
    assertThat(CircuitLimit.NONE.limited()).isFalse();
  }

  @Test
  void aReservationKeepsItsGoodAddressesWhenOneIsOfAnUnknownKind() {
    Multiaddr good = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001").withPeer(TestPeers.peer(1));
    byte[] message =
        new ProtoWriter()
            .uint(1, 2)
            .message(
                3,
                new ProtoWriter()
                    .uint(1, 2_000_000_000L)
                    .bytes(2, bytes("ffff7f0102"))
                    .bytes(2, good.bytes()))
            .uint(5, 100)
            .toByteArray();
    HopMessage.Status status = (HopMessage.Status) HopCodec.decode(message);
    assertThat(status.reservation().orElseThrow().addresses()).containsExactly(good);
  }

  @Test
  void statusesKeepTheirNumbers() {
    assertThat(RelayStatus.of(204)).contains(RelayStatus.NO_RESERVATION);
    assertThat(RelayStatus.of(205)).isEmpty();
    assertThat(RelayStatus.describe(202)).contains("PERMISSION_DENIED").contains("202");
    assertThat(RelayStatus.describe(299)).isEqualTo("status 299");
  }
}
