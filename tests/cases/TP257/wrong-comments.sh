# timepolicy: lint
printf 'server ntp1.example.org iburst\nserver ntp2.example.org iburst\nserver ntp3.example.org iburst\nmakestep 1 3\nrtcsync\n'
yes '# a comment' | head -c 1100000
