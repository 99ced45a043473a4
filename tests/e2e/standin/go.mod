module aimcore.test/standin

go 1.24
