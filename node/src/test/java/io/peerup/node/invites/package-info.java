@NullMarked
package io.peerup.node.invites;

import org.jspecify.annotations.NullMarked;
