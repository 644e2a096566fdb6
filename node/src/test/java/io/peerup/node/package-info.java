@NullMarked
package io.peerup.node;

import org.jspecify.annotations.NullMarked;
