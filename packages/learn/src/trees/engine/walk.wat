;; Walks rows down trees, eight at a time so that one waits for memory while the others compute. Addresses, steps and
;; sizes are in bytes. `npm run kernels` compiles this file into walk-wasm.ts.
;;
;; A node is 16 bytes: where in the row its feature is (i32); threshold (f32); address of the right child, which the
;; left child precedes (i32); of a leaf what stands for it, its number (i32) or its value (f32). A leaf is its own right
;; child and its threshold is NaN, so that a walk of as many steps as the tree is deep ends in it.
;; In a node that tests a category, bit 0 of the first number is set and the second one is the address of its set: the
;; number of words (i32), then the bits. Such a feature is an integer in the row.
(module
  (memory (export "memory") 1 65536)

  ;; Walk i starts at the root in the list `roots` (i32 addresses) and its row: they go on by `rootStep` and `rowStep`
  ;; from walk to walk, `groups` times eight walks (groups > 0) of `steps` steps. What stands for leaf i goes to leaves[i].
  (func (export "walk")
    (param $groups i32) (param $row i32) (param $rowStep i32) (param $roots i32) (param $rootStep i32)
    (param $steps i32) (param $leaves i32)
    (local $left i32)
    (local $row0 i32) (local $row1 i32) (local $row2 i32) (local $row3 i32)
    (local $row4 i32) (local $row5 i32) (local $row6 i32) (local $row7 i32)
    (local $node0 i32) (local $node1 i32) (local $node2 i32) (local $node3 i32)
    (local $node4 i32) (local $node5 i32) (local $node6 i32) (local $node7 i32)
    (loop $nextGroup
      (local.set $node0 (i32.load (local.get $roots)))
      (local.set $row0 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (local.set $node1 (i32.load (local.get $roots)))
      (local.set $row1 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (local.set $node2 (i32.load (local.get $roots)))
      (local.set $row2 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (local.set $node3 (i32.load (local.get $roots)))
      (local.set $row3 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (local.set $node4 (i32.load (local.get $roots)))
      (local.set $row4 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (local.set $node5 (i32.load (local.get $roots)))
      (local.set $row5 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (local.set $node6 (i32.load (local.get $roots)))
      (local.set $row6 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (local.set $node7 (i32.load (local.get $roots)))
      (local.set $row7 (local.get $row))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (if (local.tee $left (local.get $steps))
        (then
          (loop $nextStep
            (local.set $node0
              (i32.sub
                (i32.load offset=8 (local.get $node0))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row0) (i32.load (local.get $node0))))
                    (f32.load offset=4 (local.get $node0)))
                  (i32.const 4))))
            (local.set $node1
              (i32.sub
                (i32.load offset=8 (local.get $node1))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row1) (i32.load (local.get $node1))))
                    (f32.load offset=4 (local.get $node1)))
                  (i32.const 4))))
            (local.set $node2
              (i32.sub
                (i32.load offset=8 (local.get $node2))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row2) (i32.load (local.get $node2))))
                    (f32.load offset=4 (local.get $node2)))
                  (i32.const 4))))
            (local.set $node3
              (i32.sub
                (i32.load offset=8 (local.get $node3))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row3) (i32.load (local.get $node3))))
                    (f32.load offset=4 (local.get $node3)))
                  (i32.const 4))))
            (local.set $node4
              (i32.sub
                (i32.load offset=8 (local.get $node4))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row4) (i32.load (local.get $node4))))
                    (f32.load offset=4 (local.get $node4)))
                  (i32.const 4))))
            (local.set $node5
              (i32.sub
                (i32.load offset=8 (local.get $node5))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row5) (i32.load (local.get $node5))))
                    (f32.load offset=4 (local.get $node5)))
                  (i32.const 4))))
            (local.set $node6
              (i32.sub
                (i32.load offset=8 (local.get $node6))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row6) (i32.load (local.get $node6))))
                    (f32.load offset=4 (local.get $node6)))
                  (i32.const 4))))
            (local.set $node7
              (i32.sub
                (i32.load offset=8 (local.get $node7))
                (i32.shl
                  (f32.le
                    (f32.load (i32.add (local.get $row7) (i32.load (local.get $node7))))
                    (f32.load offset=4 (local.get $node7)))
                  (i32.const 4))))
            (br_if $nextStep (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
      (i32.store (local.get $leaves) (i32.load offset=12 (local.get $node0)))
      (i32.store offset=4 (local.get $leaves) (i32.load offset=12 (local.get $node1)))
      (i32.store offset=8 (local.get $leaves) (i32.load offset=12 (local.get $node2)))
      (i32.store offset=12 (local.get $leaves) (i32.load offset=12 (local.get $node3)))
      (i32.store offset=16 (local.get $leaves) (i32.load offset=12 (local.get $node4)))
      (i32.store offset=20 (local.get $leaves) (i32.load offset=12 (local.get $node5)))
      (i32.store offset=24 (local.get $leaves) (i32.load offset=12 (local.get $node6)))
      (i32.store offset=28 (local.get $leaves) (i32.load offset=12 (local.get $node7)))
      (local.set $leaves (i32.add (local.get $leaves) (i32.const 32)))
      (br_if $nextGroup (local.tee $groups (i32.sub (local.get $groups) (i32.const 1))))))

  ;; Whether the row goes to the left child: 1 or 0.
  (func $goesLeft (param $node i32) (param $row i32) (result i32)
    (local $place i32) (local $category i32) (local $set i32) (local $word i32)
    (local.set $place (i32.load (local.get $node)))
    (if (i32.eqz (i32.and (local.get $place) (i32.const 1)))
      (then
        (return
          (f32.le
            (f32.load (i32.add (local.get $row) (local.get $place)))
            (f32.load offset=4 (local.get $node))))))
    (local.set $category (i32.load (i32.add (local.get $row) (i32.xor (local.get $place) (i32.const 1)))))
    (local.set $set (i32.load offset=4 (local.get $node)))
    (local.set $word (i32.shr_u (local.get $category) (i32.const 5)))
    (if (i32.ge_u (local.get $word) (i32.load (local.get $set)))
      (then (return (i32.const 0))))
    (i32.and
      (i32.shr_u
        (i32.load offset=4 (i32.add (local.get $set) (i32.shl (local.get $word) (i32.const 2))))
        (i32.and (local.get $category) (i32.const 31)))
      (i32.const 1)))

  ;; As `walk`, one walk after the other, also through nodes that test categories. `count` walks, count > 0.
  (func (export "walkSets")
    (param $count i32) (param $row i32) (param $rowStep i32) (param $roots i32) (param $rootStep i32)
    (param $leaves i32)
    (local $node i32) (local $next i32)
    (loop $nextWalk
      (local.set $next (i32.load (local.get $roots)))
      (loop $nextStep
        (local.set $node (local.get $next))
        (br_if $nextStep
          (i32.ne
            (local.tee $next
              (i32.sub
                (i32.load offset=8 (local.get $node))
                (i32.shl (call $goesLeft (local.get $node) (local.get $row)) (i32.const 4))))
            (local.get $node))))
      (i32.store (local.get $leaves) (i32.load offset=12 (local.get $node)))
      (local.set $leaves (i32.add (local.get $leaves) (i32.const 4)))
      (local.set $row (i32.add (local.get $row) (local.get $rowStep)))
      (local.set $roots (i32.add (local.get $roots) (local.get $rootStep)))
      (br_if $nextWalk (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
