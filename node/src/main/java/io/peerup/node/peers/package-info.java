/// Paths to other peers: which to try when ([PathPlan], a machine), and the virtual threads that
/// try them ([PeerLink], one a peer). Also who is a relay of ours, and the gater that lets exactly
/// those talk to us who should.
@NullMarked
package io.peerup.node.peers;

import org.jspecify.annotations.NullMarked;
