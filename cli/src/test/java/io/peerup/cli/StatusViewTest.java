package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StatusViewTest {

  private static final String HOME = "12D3KooWB6oNa53zht4qBYfRW49APLUfoRJArNFrgdCY8EV8soYD";
  private static final String RELAY = "12D3KooWE7AZHZkHj3m3maMQt1on1dEuQ9SzdgrEf6zTzvyGKGTm";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final StatusView view =
      new StatusView(
          new Voice(
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8),
              false,
              false,
              false));

  private static JsonObject sample() {
    return Jsons.parseObject(
        """
        {"peerId":"%s","name":"home","network":"","version":"1","uptimeSeconds":3725,
         "listenAddrs":["/ip4/192.0.2.7/tcp/4001","/ip6/2001:db8::7/tcp/4001"],
         "relayedAddrs":["/ip4/198.51.100.1/tcp/7777/p2p/%s/p2p-circuit/p2p/%s"],
         "relays":[{"peerId":"%s","addr":"/ip4/198.51.100.1/tcp/7777","reserved":true},
                   {"peerId":"12D3KooWother111111","addr":"/ip4/198.51.100.2/tcp/7777","reserved":false,
                    "trouble":"connection refused"}],
         "reachability":{"grade":"C","label":"Port restricted","confidence":"medium",
                         "evidence":["relay saw 203.0.113.5:4001"]},
         "peers":[
          {"peerId":"12D3KooWlaptop2222222","name":"laptop","verified":true,"connected":true,
           "path":"direct","relay":null,"addr":"/ip4/192.0.2.8/udp/4001/quic-v1","rttMs":1.234},
          {"peerId":"12D3KooWphone33333333","name":"ph\\u001b[31mone","verified":false,"connected":true,
           "path":"relayed","relay":"%s","rttMs":null},
          {"peerId":"12D3KooWtablet4444444","name":"tablet","verified":false,"connected":false,
           "path":"none","relay":null,"rttMs":null,"problem":"no path found yet"}],
         "waitingFor":[{"peerId":"12D3KooWoffice555555","name":"office","status":"drop_sent",
                        "expiresAt":"2026-11-22T12:00:00Z"},
                       {"peerId":"12D3KooWcabin6666666","name":"cabin","status":"already_used",
                        "expiresAt":"2026-11-22T12:00:00Z"}],
         "services":[{"name":"web","target":"127.0.0.1:8000","enabled":true,"allowed":[]},
                     {"name":"ssh","target":"127.0.0.1:22","enabled":false,"allowed":[]}],
         "warnings":["authorized_keys line 3 has no effect: not a peer id"]}
        """
            .formatted(HOME, RELAY, HOME, RELAY, RELAY));
  }

  @Test
  void theWholeStatusIsShown() {
    view.full(sample());
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            Peer id   %s
            Name      home
            Network   default
            Uptime    1h 2m
            Listening /ip4/192.0.2.7/tcp/4001
                      /ip6/2001:db8::7/tcp/4001
            Relayed   /ip4/198.51.100.1/tcp/7777/p2p/%s/p2p-circuit/p2p/%s
            Relays
              12D3KooWE7AZHZkH…  /ip4/198.51.100.1/tcp/7777  reserved
              12D3KooWother111…  /ip4/198.51.100.2/tcp/7777  no reservation  connection refused
            Reach     C  Port restricted  (confidence: medium)
                      relay saw 203.0.113.5:4001
            Peers
              laptop             12D3KooWlaptop22…  [VERIFIED]    direct, QUIC                   1.2 ms
              ph<U+001B>[31mone  12D3KooWphone333…  [UNVERIFIED]  relayed via 12D3KooWE7AZHZkH…
              tablet             12D3KooWtablet44…  [UNVERIFIED]  offline                        no path found yet
            Waiting   for office, until 2026-11-22T12:00:00Z
            Not paired with cabin: its link was already used
            Services
              web  127.0.0.1:8000
              ssh  127.0.0.1:22    disabled
            """
                .formatted(HOME, RELAY, HOME));
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("warning: authorized_keys line 3 has no effect: not a peer id\n");
  }

  @Test
  void theBriefStatusLeavesAddressesAndEvidenceOut() {
    view.brief(sample());
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("Reach     C", "laptop", "web")
        .doesNotContain("Listening", "Relayed ", "relay saw");
  }

  @Test
  void aNodeThatBelongsToNothingSaysWhatToDo() {
    JsonObject status =
        Jsons.parseObject(
            """
            {"peerId":"%s","name":"","network":"lab","uptimeSeconds":0,"listenAddrs":[],
             "relayedAddrs":[],"relays":[],"peers":[],"waitingFor":[],"services":[],
             "warnings":[],
             "reachability":{"grade":"unknown","label":"Unknown","confidence":"none","evidence":[]}}
            """
                .formatted(HOME));
    view.full(status);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            Peer id   %s
            Name      none yet
            Network   lab
            Uptime    0 s
            Listening none
            Relayed   none
            Relays    none: join a group, or set relay.addresses in config.yaml
            Reach     ?  Unknown  (confidence: none)
            Peers     none yet: peerup join CODE, or wait until others join
            """
                .formatted(HOME));
  }

  @Test
  void timesAreShownToTheSecond() {
    JsonObject group = Jsons.parseObject("{\"at\":\"2026-01-02T03:04:05.678901234Z\",\"no\":null}");
    assertThat(StatusView.instant(group, "at")).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(StatusView.instant(group, "no")).isEmpty();
  }
}
