@NullMarked
package io.peerup.node.lan;

import org.jspecify.annotations.NullMarked;
