package io.peerup.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.node.services.ServiceProxy;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;

class ProxyRouteTest {

  @Test
  void soMuchNewsWaitsForASlowReaderAndBeyondThatTheOldestIsDropped() {
    BlockingQueue<JsonObject> lines = ProxyRoute.waiting();
    ServiceProxy.Events news = ProxyRoute.news(lines);
    for (int i = 1; i <= ProxyRoute.LINES_MAX; i++) {
      news.finished(i, 0);
    }
    assertThat(lines).hasSize(ProxyRoute.LINES_MAX);
    assertThat(lines.element().get("bytesOut").getAsInt()).isEqualTo(1);
    news.failed("gone", "try again");
    assertThat(lines).hasSize(ProxyRoute.LINES_MAX);
    assertThat(lines.element().get("bytesOut").getAsInt()).isEqualTo(2);
  }
}
