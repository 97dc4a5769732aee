module example.org/expect

go 1.19
