package io.peerup.pairing;

import static io.peerup.pairing.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.testkit.Vectors;
import org.junit.jupiter.api.Test;

/// Against known answers computed elsewhere.
class GroupVectorsTest {

  @Test
  void tokenHashKeysAndIntroductionHaveThePublishedBytes() {
    JsonObject known =
        Vectors.json("pairing/pairing_known_answers.json").getAsJsonObject("group_pairing");
    GroupSecrets secrets =
        GroupSecrets.of(hex(known, "selector"), hex(known, "token"), hex(known, "group_key"));
    assertThat(secrets.tokenHash()).isEqualTo(hex(known, "token_hash_on_relay"));
    assertThat(secrets.groupKey().macKey()).isEqualTo(hex(known, "key_intro"));
    assertThat(secrets.groupKey().nameKey()).isEqualTo(hex(known, "key_name"));

    PrivateKey member = PrivateKey.ofEd25519Seed(hex(known, "member_identity_seed"));
    byte[] nonce = hex(known, "name_nonce");
    Intro intro =
        Intro.create(
            secrets.groupKey(),
            member,
            known.get("name").getAsString(),
            target -> System.arraycopy(nonce, 0, target, 0, target.length));
    assertThat(intro.peer().bytes()).isEqualTo(hex(known, "member_id"));
    assertThat(intro.sealedName()).isEqualTo(hex(known, "sealed_name"));
    assertThat(intro.body()).isEqualTo(hex(known, "intro_body"));
    assertThat(intro.signature()).isEqualTo(hex(known, "intro_signature"));
    assertThat(intro.mac()).isEqualTo(hex(known, "intro_mac"));

    byte[] encoded =
        new ByteWriter()
            .lengthPrefixed(hex(known, "intro_body"))
            .lengthPrefixed(hex(known, "intro_signature"))
            .lengthPrefixed(hex(known, "intro_mac"))
            .toByteArray();
    assertThat(Intro.decode(encoded).verify(secrets.groupKey()))
        .isEqualTo(new Intro.Member(PeerId.fromBytes(hex(known, "member_id")), "laptop"));
    assertThat(intro.encoded()).isEqualTo(encoded).hasSize(269);
  }

  @Test
  void codesHaveTheKnownText() {
    JsonObject known = Fixtures.resource("group_codes.json");
    for (var element : known.getAsJsonArray("codes")) {
      JsonObject form = element.getAsJsonObject();
      GroupCode code = GroupCode.parse(form.get("code").getAsString());
      assertThat(code.text()).isEqualTo(form.get("code").getAsString());
      assertThat(code.pins(PeerId.fromBytes(hex(known, "relay_id")))).isTrue();
      assertThat(code.pins(Fixtures.peer(1))).isFalse();
      assertThat(code.relay().port()).isEqualTo(form.get("port").getAsInt());
      assertThat(code.relay().multiaddr().toString())
          .contains("/" + form.get("host").getAsString() + "/");
      assertThat(code.namespace().orElse("")).isEqualTo(form.get("namespace").getAsString());
      GroupSecrets secrets = code.secrets();
      assertThat(secrets.selector()).isEqualTo(hex(known, "selector8"));
      assertThat(secrets.token()).isEqualTo(hex(known, "token16"));
      assertThat(secrets.groupKey().key()).isEqualTo(hex(known, "group_key16"));
      assertThat(secrets.tokenHash()).isEqualTo(hex(known, "token_hash"));
      assertThat(secrets.groupKey().groupId()).isEqualTo(known.get("group_id").getAsString());
    }
  }

  @Test
  void generatingFromTheKnownSecretsGivesTheKnownCode() {
    JsonObject known = Fixtures.resource("group_codes.json");
    JsonObject form = known.getAsJsonArray("codes").get(0).getAsJsonObject();
    GroupCode.NewGroup group =
        GroupCode.generate(
            1,
            PeerId.fromBytes(hex(known, "relay_id")),
            Fixtures.RELAY_HOST,
            "",
            target ->
                System.arraycopy(
                    hex(known, target.length == 15 ? "group_secret15" : "token10"),
                    0,
                    target,
                    0,
                    target.length));
    assertThat(group.codes().getFirst().text()).isEqualTo(form.get("code").getAsString());
    assertThat(group.spec().selector()).isEqualTo(hex(known, "selector8"));
    assertThat(group.spec().tokenHashesHex())
        .containsExactly(known.get("token_hash").getAsString());
  }
}
