package io.peerup.control.server;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The open connections and which of them wait for a request, longest waiting first. Confined to
/// the one event loop of the server.
final class Connections {
  private final int max;
  private final Set<Channel> idle = new LinkedHashSet<>();
  private final Set<Channel> busy = new LinkedHashSet<>();

  Connections(int max) {
    this.max = max;
  }

  /// Makes room for `channel` by closing the one that has been idle longest.
  ///
  /// @return false when all are busy
  boolean admit(Channel channel) {
    if (idle.size() + busy.size() >= max) {
      if (idle.isEmpty()) {
        return false;
      }
      Channel oldest = idle.iterator().next();
      idle.remove(oldest);
      var _ = oldest.close();
    }
    idle.add(channel);
    return true;
  }

  void becameBusy(Channel channel) {
    if (idle.remove(channel)) {
      busy.add(channel);
    }
  }

  void becameIdle(Channel channel) {
    if (busy.remove(channel)) {
      idle.add(channel);
    }
  }

  void closed(Channel channel) {
    idle.remove(channel);
    busy.remove(channel);
  }

  List<Channel> all() {
    List<Channel> all = new ArrayList<>(idle);
    all.addAll(busy);
    return all;
  }
}
