package io.peerup.pairing;

import static io.peerup.pairing.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.pairing.PairingKeys.Side;
import io.peerup.pairing.PakeMessages.HelloA;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.PakeMessages.Proof;
import io.peerup.pairing.PakeMessages.Share;
import io.peerup.testkit.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Four runs against known answers computed elsewhere: short and full codes, relayed and direct,
/// classical and post-quantum channels.
class PairingVectorsTest {

  static Stream<JsonObject> runs() {
    return Vectors.json("pairing/pairing_known_answers.json")
        .getAsJsonArray("runs")
        .asList()
        .stream()
        .map(JsonElement::getAsJsonObject);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyValueOfARunIsThePublishedOne(JsonObject run) {
    PairingChannel channelA = channel(run, "peer_id_a", identity(run, "identity_seed_b"));
    byte[] sid = Fixtures.concat(hex(run, "na"), hex(run, "nb"));
    PeerId idA = PeerId.fromBytes(hex(run, "peer_id_a"));
    PeerId idB = PeerId.fromBytes(hex(run, "peer_id_b"));
    int kind = run.get("kind").getAsInt();
    byte[] ci = PairingKeys.channelIdentifier(kind, idA, idB, channelA);
    assertThat(ci).isEqualTo(hex(run, "ci"));
    byte[] prs = hex(run, "prs");
    assertThat(CPace25519.generator(prs, ci, sid)).isEqualTo(hex(run, "generator"));

    byte[] m1 = new HelloA(kind, hex(run, "selector"), hex(run, "na"), idA).encoded();
    byte[] m2 = new HelloB(hex(run, "nb"), idB).encoded();
    assertThat(m1).isEqualTo(hex(run, "m1"));
    assertThat(m2).isEqualTo(hex(run, "m2"));

    MlKem768.KeyPair pair = new BcMlKem768(fixed(hex(run, "mlkem_seed_d_z"))).generate();
    MlKem768.Encapsulated kem =
        new BcMlKem768(fixed(hex(run, "mlkem_encaps_m")))
            .encapsulate(pair.encapsulationKey())
            .orElseThrow();
    assertThat(kem.secret()).isEqualTo(hex(run, "mlkem_ss"));
    assertThat(pair.decapsulate(kem.ciphertext())).isEqualTo(hex(run, "mlkem_ss"));

    CPace25519 a = new CPace25519(prs, ci, sid, fixed(hex(run, "ya")));
    CPace25519 b = new CPace25519(prs, ci, sid, fixed(hex(run, "yb")));
    byte[] m3 = new Share(a.share(), pair.encapsulationKey()).encoded(PakeMessages.SHARE_A);
    byte[] m4 = new Share(b.share(), kem.ciphertext()).encoded(PakeMessages.SHARE_B);
    assertThat(Share.decode(m3, PakeMessages.SHARE_A).share()).isEqualTo(hex(run, "Ya"));
    assertThat(Share.decode(m4, PakeMessages.SHARE_B).share()).isEqualTo(hex(run, "Yb"));
    assertThat(m3).hasSize(run.get("m3_len").getAsInt());
    assertThat(m4).hasSize(run.get("m4_len").getAsInt());
    assertThat(Crypto.sha256("", m3)).isEqualTo(hex(run, "m3_sha256"));
    assertThat(Crypto.sha256("", m4)).isEqualTo(hex(run, "m4_sha256"));

    byte[] isk =
        a.finish(
                CPace25519.Role.INITIATOR,
                pair.encapsulationKey(),
                hex(run, "Yb"),
                kem.ciphertext())
            .orElseThrow();
    assertThat(isk).isEqualTo(hex(run, "isk"));
    byte[] th = PairingKeys.transcript(m1, m2, m3, m4);
    assertThat(th).isEqualTo(hex(run, "th"));
    PairingKeys keys = new PairingKeys(prs, sid, isk, kem.secret(), th);
    assertThat(isk).as("wiped").containsOnly(0);
    checkKeys(run, keys);
    checkProofs(run, keys);
  }

  private static void checkKeys(JsonObject run, PairingKeys keys) {
    assertThat(keys.exporter()).isEqualTo(hex(run, "key_exporter"));
    assertThat(keys.confirmationOfA()).isEqualTo(hex(run, "Ta"));
    assertThat(keys.confirmationOfB()).isEqualTo(hex(run, "Tb"));
    assertThat(identity(run, "identity_seed_a").sign(keys.signed(Side.A)))
        .isEqualTo(hex(run, "sig_a"));
    assertThat(identity(run, "identity_seed_b").sign(keys.signed(Side.B)))
        .isEqualTo(hex(run, "sig_b"));
  }

  private static void checkProofs(JsonObject run, PairingKeys keys) {
    byte[] proofA = new Proof(hex(run, "Ta"), hex(run, "sig_a"), hex(run, "payload_a")).encoded();
    byte[] proofB = new Proof(hex(run, "Tb"), hex(run, "sig_b"), hex(run, "payload_b")).encoded();
    assertThat(keys.seal(Side.A, PakeMessages.PROOF_A, proofA)).isEqualTo(hex(run, "m5"));
    assertThat(keys.seal(Side.B, PakeMessages.PROOF_B, proofB)).isEqualTo(hex(run, "m6"));
    assertThat(keys.seal(Side.A, PakeMessages.DONE, PairingProtocol.DONE_TEXT))
        .isEqualTo(hex(run, "m7"));
  }

  /// The machines themselves, up to the frames whose content depends on what devices say of
  /// themselves.
  @ParameterizedTest
  @MethodSource("runs")
  void theMachinesSendThePublishedFrames(JsonObject run) {
    PrivateKey idA = identity(run, "identity_seed_a");
    PrivateKey idB = identity(run, "identity_seed_b");
    PairingSecret secret =
        new PairingSecret(run.get("kind").getAsInt(), hex(run, "selector"), hex(run, "prs"));
    Instant now = Instant.EPOCH;
    InviteTable table = new InviteTable(fixed(new byte[32]));
    table.create(secret, Duration.ofMinutes(10), "", now);
    PairingInitiator a =
        new PairingInitiator(
            secret,
            channel(run, "peer_id_a", idB),
            idA,
            PairingWorld.card("laptop"),
            fixed(hex(run, "na"), hex(run, "ya")),
            new BcMlKem768(fixed(hex(run, "mlkem_seed_d_z"))));
    PairingResponder b =
        new PairingResponder(
            table,
            channel(run, "peer_id_b", idA),
            idB,
            PairingWorld.card("home"),
            fixed(hex(run, "nb"), hex(run, "yb")),
            new BcMlKem768(fixed(hex(run, "mlkem_encaps_m"))),
            now);
    byte[] m1 = a.start(now);
    byte[] m2 = ((PairingResponder.Step.Send) b.receive(m1, now)).frame();
    byte[] m3 = ((PairingInitiator.Step.Send) a.receive(m2, now)).frame();
    byte[] m4 = ((PairingResponder.Step.Send) b.receive(m3, now)).frame();
    assertThat(m1).isEqualTo(hex(run, "m1"));
    assertThat(m2).isEqualTo(hex(run, "m2"));
    assertThat(Crypto.sha256("", m3)).isEqualTo(hex(run, "m3_sha256"));
    assertThat(Crypto.sha256("", m4)).isEqualTo(hex(run, "m4_sha256"));
    byte[] m5 = ((PairingInitiator.Step.CountAndSend) a.receive(m4, now)).frame();
    var commit = (PairingResponder.Step.Commit) b.receive(m5, now);
    var paired = (PairingInitiator.Step.Paired) a.receive(commit.frame(), now);
    assertThat(paired.done()).isEqualTo(hex(run, "m7"));
    assertThat(b.receive(paired.done(), now))
        .isEqualTo(new PairingResponder.Step.Acknowledged(idA.peerId()));
    assertThat(commit.joiner().name()).isEqualTo("laptop");
    assertThat(paired.inviter().name()).isEqualTo("home");
  }

  private static PrivateKey identity(JsonObject run, String key) {
    return PrivateKey.ofEd25519Seed(hex(run, key));
  }

  private static PairingChannel channel(JsonObject run, String self, PrivateKey remote) {
    byte[] relay = hex(run, "relay_id");
    return new PairingChannel(
        PeerId.fromBytes(hex(run, self)),
        remote.publicKey(),
        relay.length == 0 ? Optional.empty() : Optional.of(PeerId.fromBytes(relay)),
        run.get("security_protocol").getAsString(),
        hex(run, "channel_binding"));
  }

  /// Random that is known: these values, in this order.
  private static KeyRandom fixed(byte[]... values) {
    Queue<byte[]> left = new ArrayDeque<>(List.of(values));
    return target -> System.arraycopy(left.remove(), 0, target, 0, target.length);
  }
}
